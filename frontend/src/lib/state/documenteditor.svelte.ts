import {
  asFailure,
  door,
  type DocumentSource,
  type DocumentVersion,
  type DocumentVersionText,
  type Door,
  type DoorFailure,
  type Language,
  type Problem,
} from '$lib/api';
import { base64Of } from '$lib/base64';
import { session } from './session.svelte';
import { remembered } from './storage';

/** How long after the last key a text is checked and its draft kept, in ms. */
const rest = 400;
/** Browsers keep some MB of all; what is longer has no draft. */
const longest = 1_000_000;

/** A text that was not saved. */
export interface Draft {
  text: string;
  /** The hash of what was edited. */
  base: string;
  at: string;
}

/** One document that is edited: its text, draft, mistakes, history, and what somebody else made of it meanwhile. */
export class DocumentEditorStore {
  source = $state.raw<DocumentSource | null>(null);
  failure = $state.raw<DoorFailure | null>(null);
  text = $state.raw('');
  problems = $state.raw<Problem[]>([]);
  /** A draft of another time that can be taken up. */
  draft = $state.raw<Draft | null>(null);
  saving = $state(false);
  saveFailure = $state.raw<DoorFailure | null>(null);
  /** Somebody else's version, which is not the one that was edited. */
  theirs = $state.raw<DocumentSource | null>(null);
  history = $state.raw<DocumentVersion[] | null>(null);
  version = $state.raw<DocumentVersionText | null>(null);
  historyFailure = $state.raw<DoorFailure | null>(null);
  /** Grows when the text is another one than was typed. */
  replaced = $state(0);
  #base = $state('');
  #origin = 0;
  #id = '';
  #language: Language = 'en';
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #door: Door;

  constructor(api: Door = door) {
    this.#door = api;
  }

  /** Whether saving would change something: a document that is not there yet is made of the template. */
  get saveable(): boolean {
    return (
      this.source !== null &&
      !this.saving &&
      (this.text !== this.source.text || !this.source.there || old(this.source))
    );
  }

  open(id: string, language: Language): () => void {
    this.#id = id;
    this.#language = language;
    this.source = this.failure = this.draft = this.theirs = this.saveFailure = null;
    this.history = this.version = this.historyFailure = null;
    this.problems = [];
    this.text = '';
    void this.#load();
    const stop = this.#door.listen((event) => {
      if (
        event.type === 'missed' ||
        (event.type === 'document.changed' && event.data.script_id === id && event.data.language === language)
      )
        void this.look();
    });
    return () => {
      this.#keep();
      clearTimeout(this.#timer);
      this.#id = '';
      stop();
    };
  }

  async #load(): Promise<void> {
    const [id, language] = [this.#id, this.#language];
    try {
      const source = await this.#ask(id, language);
      if (!this.#is(id, language)) return;
      this.#take(source);
      const draft = this.#draft();
      this.draft = draft && draft.text !== source.text ? draft : null;
    } catch (thrown) {
      if (this.#is(id, language)) this.failure = asFailure(thrown);
    }
  }

  #ask(id: string, language: Language): Promise<DocumentSource> {
    return this.#door.call('DocumentEditor.Open', { script_id: id, language });
  }

  #is(id: string, language: Language): boolean {
    return id === this.#id && language === this.#language;
  }

  #take(source: DocumentSource): void {
    this.source = source;
    this.problems = source.problems ?? [];
    this.#base = source.hash;
    this.#origin = 0;
    this.theirs = this.saveFailure = null;
    this.text = source.text;
    this.replaced += 1;
  }

  /** Looks whether the file is still what is edited; what nobody changed here is taken as it is now. */
  async look(): Promise<void> {
    const [id, language] = [this.#id, this.#language];
    if (!this.source || this.saving) return;
    try {
      const now = await this.#ask(id, language);
      if (!this.#is(id, language) || this.saving || now.hash === this.#base) return;
      if (this.text === this.source.text) this.#take(now);
      else this.theirs = now;
    } catch {
      // Saving tells what is wrong.
    }
  }

  type(text: string): void {
    if (text === this.text) return;
    this.text = text;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#keep();
      void this.check();
    }, rest);
  }

  async check(): Promise<void> {
    const [id, language, text] = [this.#id, this.#language, this.text];
    try {
      const problems = await this.#door.call('DocumentEditor.Check', { script_id: id, language, text });
      if (this.#is(id, language) && text === this.text) this.problems = problems ?? [];
    } catch {
      // The next key, or saving, tells.
    }
  }

  async save(): Promise<boolean> {
    if (!this.source || this.saving) return false;
    const [id, language, text] = [this.#id, this.#language, this.text];
    this.saving = true;
    this.saveFailure = null;
    try {
      const request = { script_id: id, language, text, base: this.#base, origin: this.#origin };
      const source = await this.#door.call('DocumentEditor.Save', request);
      if (!this.#is(id, language)) return true;
      const typed = this.text;
      this.#take(source);
      if (typed !== text) this.text = typed; // typed meanwhile
      this.#keep();
      this.draft = null;
      if (this.history) void this.loadHistory();
      return true;
    } catch (thrown) {
      if (!this.#is(id, language)) return false;
      this.saveFailure = asFailure(thrown);
      this.#keep();
      if (this.saveFailure.code === 'document_changed') {
        try {
          this.theirs = await this.#ask(id, language);
        } catch (again) {
          this.saveFailure = asFailure(again);
        }
      }
      return false;
    } finally {
      this.saving = false;
    }
  }

  /** Writes this text over theirs, which both have been seen; theirs stays in the history. */
  overwrite(): Promise<boolean> {
    if (this.theirs) this.#base = this.theirs.hash;
    this.theirs = null;
    return this.save();
  }

  takeTheirs(): void {
    if (!this.theirs) return;
    this.#take(this.theirs);
    this.#keep();
  }

  takeDraft(): void {
    if (!this.draft) return;
    this.#base = this.draft.base;
    this.text = this.draft.text;
    this.replaced += 1;
    this.draft = null;
    void this.check();
    void this.look();
  }

  dropDraft(): void {
    this.draft = null;
    this.#keep();
  }

  /** Back to what is saved. */
  revert(): void {
    if (this.source) this.#take(this.source);
    this.#keep();
  }

  async loadHistory(): Promise<void> {
    const [id, language] = [this.#id, this.#language];
    try {
      const list = await this.#door.call('DocumentEditor.History', { script_id: id, language });
      if (this.#is(id, language)) this.history = list ?? [];
      this.historyFailure = null;
    } catch (thrown) {
      this.historyFailure = asFailure(thrown);
    }
  }

  async show(id: number): Promise<void> {
    try {
      this.version = await this.#door.call('DocumentEditor.Version', { id });
      this.historyFailure = null;
    } catch (thrown) {
      this.historyFailure = asFailure(thrown);
    }
  }

  /** Saves the version that is shown as the newest one. */
  async takeBack(): Promise<boolean> {
    const version = this.version;
    if (!version) return false;
    this.text = version.text;
    this.replaced += 1;
    this.#origin = version.id;
    if (!(await this.save())) return false;
    this.version = null;
    return true;
  }

  /** Puts an image beside the document and gives its Markdown; '' where that failed. */
  async image(file: File): Promise<string> {
    try {
      const data = base64Of(new Uint8Array(await file.arrayBuffer()));
      const name = file.name === 'image.png' ? `${this.#id.split('/')[1] ?? ''}.png` : file.name;
      const { path } = await this.#door.call('DocumentEditor.AddImage', {
        script_id: this.#id,
        language: this.#language,
        name,
        data,
      });
      return `![${name.replace(/\.[^.]*$/, '').replace(/[[\]]/g, '')}](${path})`;
    } catch (thrown) {
      this.saveFailure = asFailure(thrown);
      return '';
    }
  }

  get #key(): string {
    return `draft.${String(session.user?.id ?? 0)}.${this.#id}.${this.#language}`;
  }

  #draft(): Draft | null {
    try {
      return JSON.parse(remembered.get(this.#key) ?? 'null') as Draft | null;
    } catch {
      return null;
    }
  }

  /** Keeps what is not saved in this browser, and forgets what is. A draft that waits to be taken up stays. */
  #keep(): void {
    if (!this.source || !this.#id || this.draft) return;
    const kept = this.text !== this.source.text && this.text.length <= longest;
    const draft: Draft = { text: this.text, base: this.#base, at: new Date().toISOString() };
    if (kept) remembered.set(this.#key, JSON.stringify(draft));
    else if (this.#draft()) remembered.set(this.#key, 'null');
  }
}

function old(source: DocumentSource): boolean {
  return source.languages[source.language] === 'old';
}
