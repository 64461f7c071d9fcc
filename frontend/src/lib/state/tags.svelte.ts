import {
  asFailure,
  door,
  type Door,
  type DoorError,
  type ScriptTags,
  type TagCount,
  type TagRules,
} from '$lib/api';
import { plain } from '$lib/components/frame/palette';

const none: readonly string[] = [];
const mostOffered = 8;

/** The same for names that are one tag: case does not count. */
export function tagKey(name: string): string {
  return name.trim().normalize('NFC').toLowerCase();
}

/** What is wrong with a tag while it is typed; the engine has the last word. */
export function tagProblem(name: string, rules: TagRules): DoorError | null {
  const kept = name.trim().normalize('NFC');
  if (kept === '') return null;
  const length = [...kept].length;
  const maximum = rules.maximum_length;
  if (length > maximum) return { code: 'tag_long', params: { maximum, length } };
  const hidden = /[,\p{C}\u2028\u2029]/u;
  if (rules.any_characters) return hidden.test(kept) ? { code: 'tag_hidden' } : null;
  const character = /[^\p{L}\p{M}\p{Nd}_-]/u.exec(kept)?.[0];
  if (character === undefined) return null;
  if (character !== ',' && hidden.test(character)) return { code: 'tag_hidden' };
  const suggestion = kept.replace(/[^\p{L}\p{M}\p{Nd}_-]+/gu, '_').replace(/^[_-]+|[_-]+$/g, '');
  return suggestion
    ? { code: 'tag_character', params: { character, suggestion } }
    : { code: 'tag_only', params: { character } };
}

/** The tags that the person sees, and the own ones of each script. Rows, pages and filters read it. */
export class TagsStore {
  all = $state.raw<TagCount[]>([]);
  rules = $state.raw<TagRules>({
    maximum_tags: 20,
    maximum_length: 30,
    any_characters: false,
    suggestions: false,
  });
  #own = $state.raw(new Map<string, readonly string[]>());
  readonly #door: Door;
  #turn = 0; // counts readings, so that an answer that was overtaken is known

  constructor(api: Door = door) {
    this.#door = api;
  }

  start(): () => void {
    void this.load();
    const stop = this.#door.listen((event) => {
      const about = event.type === 'discovery.changed' || event.type === 'tags.changed';
      if (about || event.type === 'settings.changed' || event.type === 'missed') void this.load();
    });
    return () => {
      stop();
      this.#turn += 1;
      this.all = [];
      this.#own = new Map();
    };
  }

  async load(): Promise<void> {
    const turn = ++this.#turn;
    try {
      const list = await this.#door.call('Tags.List');
      if (turn !== this.#turn) return;
      this.all = list.tags ?? [];
      this.rules = list.rules;
      this.#own = new Map((list.scripts ?? []).map((tags) => [tags.script_id, tags.own ?? []]));
    } catch {
      // What was read before stays; the next event asks again.
    }
  }

  /** The own tags of a script. */
  own(scriptId: string): readonly string[] {
    return this.#own.get(scriptId) ?? none;
  }

  /** Gives a script an own tag; null, or why it was not done. */
  async add(scriptId: string, name: string): Promise<DoorError | null> {
    return this.#change(scriptId, { add: [name] });
  }

  /** Takes an own tag away; null, or why it was not done. */
  async remove(scriptId: string, name: string): Promise<DoorError | null> {
    return this.#change(scriptId, { remove: [name] });
  }

  /** Gives an own tag another name on all scripts; null, or why it was not done. */
  async rename(from: string, to: string): Promise<DoorError | null> {
    return this.#everywhere(() => this.#door.call('Tags.Rename', { from, to }));
  }

  /** Takes an own tag away from all scripts; null, or why it was not done. */
  async removeAll(name: string): Promise<DoorError | null> {
    return this.#everywhere(() => this.#door.call('Tags.Remove', { name }));
  }

  async #everywhere(change: () => Promise<unknown>): Promise<DoorError | null> {
    try {
      await change();
      await this.load();
      return null;
    } catch (thrown) {
      const failure = asFailure(thrown);
      return failure.fields['name'] ?? failure;
    }
  }

  /** Tags that begin like the text or have it within, own ones first; none that the script has. */
  offered(text: string, has: readonly string[]): string[] {
    if (!this.rules.suggestions) return [];
    const [wanted, there] = [plain(text.trim()), new Set(has.map(tagKey))];
    const fitting = this.all.filter(
      (tag) =>
        plain(tag.name).includes(wanted) && !there.has(tagKey(tag.name)) && !tagProblem(tag.name, this.rules),
    );
    const rank = (tag: TagCount) => (plain(tag.name).startsWith(wanted) ? 0 : 2) + (tag.own > 0 ? 0 : 1);
    fitting.sort((a, b) => rank(a) - rank(b) || b.scripts - a.scripts || a.name.localeCompare(b.name));
    return fitting.slice(0, mostOffered).map((tag) => tag.name);
  }

  async #change(scriptId: string, change: { add?: string[]; remove?: string[] }): Promise<DoorError | null> {
    try {
      this.#take(await this.#door.call('Tags.Change', { script_id: scriptId, ...change }));
      return null;
    } catch (thrown) {
      const failure = asFailure(thrown);
      return Object.values(failure.fields['tags']?.fields ?? {})[0] ?? failure;
    }
  }

  // The event of the change brings the counts.
  #take(tags: ScriptTags): void {
    this.#own = new Map(this.#own).set(tags.script_id, tags.own ?? []);
  }
}

export const tags = new TagsStore();
