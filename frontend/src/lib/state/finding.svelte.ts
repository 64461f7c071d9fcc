import {
  asFailure,
  door,
  type Door,
  type DoorFailure,
  type ScriptSearchHit,
  type ScriptSearchRequest,
} from '$lib/api';
import { i18n } from '$lib/i18n/i18n.svelte';

const mostHits = 200;

/** What scripts must be beside having the words. */
export type Narrowing = Pick<ScriptSearchRequest, 'group_id' | 'tags' | 'any_tag' | 'level' | 'category'>;

/** One search over scripts, as one types: what is shown is the answer to the last text that was answered. */
export class FindingStore {
  /** null: nothing is looked for. */
  hits = $state.raw<ScriptSearchHit[] | null>(null);
  total = $state(0);
  failure = $state.raw<DoorFailure | null>(null);
  /** The text that `hits` answer. */
  answered = $state('');
  readonly #door: Door;
  readonly #limit: number;
  #wanted = '';
  #within: Narrowing = {};
  #asking = false;

  constructor(limit = mostHits, api: Door = door) {
    this.#door = api;
    this.#limit = limit;
  }

  /** Looks for scripts; '' is nothing. One question at a time: what was typed meanwhile is the next. */
  look(text: string, within: Narrowing = {}): void {
    this.#wanted = text.trim();
    if (JSON.stringify(within) !== JSON.stringify(this.#within)) this.#within = within;
    if (this.#wanted === '') {
      this.hits = null;
      this.answered = '';
      this.failure = null;
    } else if (!this.#asking) void this.#ask();
  }

  async #ask(): Promise<void> {
    this.#asking = true;
    for (let done = false; !done;) {
      const [text, within] = [this.#wanted, this.#within];
      if (text === '') break;
      try {
        const result = await this.#door.call('Scripts.Search', {
          ...within,
          text,
          language: i18n.language,
          limit: this.#limit,
        });
        done = text === this.#wanted && within === this.#within;
        if (this.#wanted === '' || within !== this.#within) continue;
        this.hits = result.hits ?? [];
        this.total = result.total;
        this.answered = text;
        this.failure = null;
      } catch (thrown) {
        done = text === this.#wanted && within === this.#within;
        this.failure = asFailure(thrown);
      }
    }
    this.#asking = false;
  }
}
