import { untrack } from 'svelte';
import {
  asFailure,
  door,
  DoorFailure,
  type DocumentSource,
  type DocumentVersion,
  type DocumentVersionText,
  type Door,
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
/** How many drafts of one document wait to be taken up. */
const mostDrafts = 4;
/** The largest image that the engine takes, in bytes. */
const mostImage = 8 << 20;

/** A text that was not saved. */
export interface Draft {
  text: string;
  /** The hash of what was edited. */
  base: string;
  at: string;
  /** One that still waited when this was typed. */
  earlier?: Draft | null;
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
  /** What is typed is too long, or this browser's store too full, for a draft. */
  undrafted = $state(false);
  saveFailure = $state.raw<DoorFailure | null>(null);
  /** Somebody else's version, which is not the one that was edited. */
  theirs = $state.raw<DocumentSource | null>(null);
  history = $state.raw<DocumentVersion[] | null>(null);
  version = $state.raw<DocumentVersionText | null>(null);
  historyFailure = $state.raw<DoorFailure | null>(null);
  /** Grows when the text is another one than was typed. */
  replaced = $state(0);
  #base = $state('');
  #id = '';
  #language: Language = 'en';
  /** Where this person's draft is; it stays so when the session ends. */
  #key = '';
  /** Grows with each document that is opened or left: answers to one before are not shown. */
  #turn = 0;
  #listed = 0;
  #shown = 0;
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
    this.#key = untrack(() => `draft.${String(session.user?.id ?? 0)}.${id}.${language}`);
    this.#turn += 1;
    this.source = this.failure = this.draft = this.theirs = this.saveFailure = null;
    this.history = this.version = this.historyFailure = null;
    this.saving = this.undrafted = false;
    this.problems = [];
    this.text = '';
    void this.#load();
    if (this.#listed > 0) void this.loadHistory();
    const stop = this.#door.listen((event) => {
      if (
        event.type === 'missed' ||
        (event.type === 'document.changed' && event.data.script_id === id && event.data.language === language)
      )
        void this.look();
    });
    return () => {
      this.keep();
      clearTimeout(this.#timer);
      this.#id = '';
      this.#turn += 1;
      stop();
    };
  }

  async #load(): Promise<void> {
    const turn = this.#turn;
    try {
      const source = await this.#ask();
      if (turn !== this.#turn) return;
      this.#take(source);
      this.draft = unlike(this.#draft(), source.text);
    } catch (thrown) {
      if (turn === this.#turn) this.failure = asFailure(thrown);
    }
  }

  #ask(): Promise<DocumentSource> {
    return this.#door.call('DocumentEditor.Open', this.#named());
  }

  #named(): { script_id: string; language: Language } {
    return { script_id: this.#id, language: this.#language };
  }

  #take(source: DocumentSource): void {
    this.source = source;
    this.problems = source.problems ?? [];
    this.#base = source.hash;
    this.theirs = this.saveFailure = null;
    this.text = source.text;
    this.replaced += 1;
  }

  /** Looks whether the file is still what is edited; what nobody changed here is taken as it is now. */
  async look(): Promise<void> {
    const turn = this.#turn;
    if (!this.source || this.saving) return;
    try {
      const now = await this.#ask();
      if (turn !== this.#turn || this.saving || now.hash === this.#base) return;
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
      this.keep();
      void this.check();
    }, rest);
  }

  async check(): Promise<void> {
    const [turn, text] = [this.#turn, this.text];
    try {
      const problems = await this.#door.call('DocumentEditor.Check', { ...this.#named(), text });
      if (turn === this.#turn && text === this.text) this.problems = problems ?? [];
    } catch {
      // The next key, or saving, tells.
    }
  }

  async save(): Promise<boolean> {
    const text = this.text;
    return this.#save(text, 0, (typed) => {
      if (typed !== text) this.text = typed; // typed meanwhile
    });
  }

  /** Writes a text; after it, done is given what stood in the editor. */
  async #save(text: string, origin: number, done: (typed: string) => void): Promise<boolean> {
    if (!this.source || this.saving) return false;
    const turn = this.#turn;
    this.saving = true;
    this.saveFailure = null;
    try {
      const request = { ...this.#named(), text, base: this.#base, origin };
      const source = await this.#door.call('DocumentEditor.Save', request);
      if (turn !== this.#turn) return true;
      const typed = this.text;
      this.#take(source);
      done(typed);
      this.draft = unlike(this.draft, this.text);
      this.keep();
      if (this.#listed > 0) void this.loadHistory();
      return true;
    } catch (thrown) {
      if (turn === this.#turn) await this.#refused(turn, asFailure(thrown));
      return false;
    } finally {
      if (turn === this.#turn) this.saving = false;
    }
  }

  async #refused(turn: number, failure: DoorFailure): Promise<void> {
    this.saveFailure = failure;
    this.keep();
    if (failure.code !== 'document_changed') return;
    try {
      const now = await this.#ask();
      if (turn !== this.#turn) return;
      if (this.text !== this.source?.text) this.theirs = now;
      else {
        this.#take(now);
        this.saveFailure = failure;
      }
    } catch (again) {
      if (turn === this.#turn) this.saveFailure = asFailure(again);
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
    this.keep();
  }

  /** Goes on with a draft; what was typed since is a draft then. */
  takeDraft(): void {
    const draft = this.draft;
    if (!draft || !this.source) return;
    const waiting = draft.earlier ?? null;
    this.draft = this.text === this.source.text ? waiting : this.#drafted(this.text, waiting);
    this.#base = draft.base;
    this.text = draft.text;
    this.replaced += 1;
    this.keep();
    void this.check();
    void this.look();
  }

  dropDraft(): void {
    this.draft = this.draft?.earlier ?? null;
    this.keep();
  }

  /** Back to what is saved. */
  revert(): void {
    if (this.source) this.#take(this.source);
    this.keep();
  }

  async loadHistory(): Promise<void> {
    const [turn, number] = [this.#turn, ++this.#listed];
    try {
      const list = await this.#door.call('DocumentEditor.History', this.#named());
      if (turn !== this.#turn || number !== this.#listed) return;
      this.history = list ?? [];
      this.historyFailure = null;
    } catch (thrown) {
      if (turn === this.#turn && number === this.#listed) this.historyFailure = asFailure(thrown);
    }
  }

  async show(id: number): Promise<void> {
    const [turn, number] = [this.#turn, ++this.#shown];
    try {
      const version = await this.#door.call('DocumentEditor.Version', { id });
      if (turn !== this.#turn || number !== this.#shown) return;
      this.version = version;
      this.historyFailure = null;
    } catch (thrown) {
      if (turn === this.#turn && number === this.#shown) this.historyFailure = asFailure(thrown);
    }
  }

  /** Saves the version that is shown as the newest one; what was typed and not saved is a draft then. */
  async takeBack(): Promise<boolean> {
    const [version, before] = [this.version, this.source?.text];
    if (!version || this.theirs) return false;
    return this.#save(version.text, version.id, (typed) => {
      this.version = null;
      if (typed !== before) this.draft = this.#drafted(typed, this.draft);
    });
  }

  /** Puts images beside the document, one after the other, and gives insert the Markdown of each. */
  async images(files: File[], insert: (markdown: string) => void): Promise<void> {
    const turn = this.#turn;
    for (const file of files) {
      try {
        const text = await this.#image(file);
        if (turn !== this.#turn) return;
        insert(text);
      } catch (thrown) {
        if (turn !== this.#turn) return;
        this.saveFailure = asFailure(thrown);
      }
    }
  }

  async #image(file: File): Promise<string> {
    const document = this.#named();
    // A large file would hold the window long before the engine refused it.
    if (file.size > mostImage)
      throw new DoorFailure({ code: 'document_paste', params: { maximum: mostImage } });
    const data = base64Of(new Uint8Array(await file.arrayBuffer()));
    const name = file.name === 'image.png' ? `${document.script_id.split('/')[1] ?? ''}.png` : file.name;
    const { path } = await this.#door.call('DocumentEditor.AddImage', { ...document, name, data });
    return `![${name.replace(/\.[^.]*$/, '').replace(/[[\]]/g, '')}](${path})`;
  }

  #draft(): Draft | null {
    try {
      return JSON.parse(remembered.get(this.#key) ?? 'null') as Draft | null;
    } catch {
      return null;
    }
  }

  #drafted(text: string, earlier: Draft | null): Draft {
    return { text, base: this.#base, at: new Date().toISOString(), earlier: first(earlier, mostDrafts - 1) };
  }

  /** Keeps what is not saved in this browser, before drafts that wait, and forgets what is; false where it cannot. */
  keep(): boolean {
    if (!this.source || !this.#id) return true;
    const typed = this.text !== this.source.text;
    const draft = typed ? this.#drafted(this.text, this.draft) : this.draft;
    if (!draft) remembered.remove(this.#key);
    this.undrafted =
      draft !== null && (draft.text.length > longest || !remembered.set(this.#key, JSON.stringify(draft)));
    return !this.undrafted;
  }
}

/** Drafts without those that say what is saved. */
function unlike(draft: Draft | null, text: string): Draft | null {
  if (!draft) return null;
  const earlier = unlike(draft.earlier ?? null, text);
  return draft.text === text ? earlier : { ...draft, earlier };
}

function first(draft: Draft | null, most: number): Draft | null {
  return draft && most > 0 ? { ...draft, earlier: first(draft.earlier ?? null, most - 1) } : null;
}

function old(source: DocumentSource): boolean {
  return source.languages[source.language] === 'old';
}
