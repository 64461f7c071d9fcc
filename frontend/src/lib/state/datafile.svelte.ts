import { asFailure, door, DoorFailure, type DataFileRequest, type DataFileView, type Door } from '$lib/api';

/** Where a file is. */
export type FilePlace = DataFileRequest;

type LineEnd = '\n' | '\r\n' | '\r';

/** The line end of all lines, which a field for text cannot keep; null where they differ. */
function lineEndOf(text: string): LineEnd | null {
  const ends = new Set(text.match(/\r\n|\r|\n/g) as LineEnd[] | null);
  return ends.size > 1 ? null : ([...ends][0] ?? '\n');
}

/** One file that is shown, and edited where it is a text. */
export class FileStore {
  view = $state.raw<DataFileView | null>(null);
  failure = $state.raw<DoorFailure | null>(null);
  /** With LF alone, whatever the file's line ends are. */
  text = $state('');
  saving = $state(false);
  saveFailure = $state.raw<DoorFailure | null>(null);
  /** The other version, while the person has to choose. */
  theirs = $state.raw<DataFileView | null>(null);
  /** The file has gone while it was edited. */
  gone = $state(false);
  place: FilePlace;
  #saved = $state('');
  #lineEnd = $state<LineEnd | null>('\n');
  readonly #door: Door;

  constructor(place: FilePlace, api: Door = door) {
    this.place = place;
    this.#door = api;
  }

  readonly dirty = $derived(this.view?.whole === true && this.text !== this.#saved);
  /** Lines end differently: written from a field for text, they all would end alike. */
  readonly mixed = $derived(this.#lineEnd === null);
  readonly editable = $derived(
    this.view?.whole === true && this.view.exact && this.view.kind !== 'binary' && !this.mixed,
  );
  readonly conflict = $derived(this.theirs !== null || this.gone);

  async load(): Promise<void> {
    try {
      this.#take(await this.#door.call('Data.Look', this.place));
      this.failure = null;
    } catch (thrown) {
      this.failure = asFailure(thrown);
    }
  }

  #take(view: DataFileView): void {
    this.view = view;
    this.#lineEnd = lineEndOf(view.text);
    this.text = this.#saved = view.text.replace(/\r\n?/g, '\n');
    this.theirs = null;
    this.gone = false;
    this.saveFailure = null;
  }

  /** Something happened in the file's folder: what is not edited is shown as it is now. */
  async look(): Promise<void> {
    if (this.saving || this.theirs || !this.view) return;
    try {
      const now = await this.#door.call('Data.Look', this.place);
      this.gone = false;
      if (now.version === this.view.version && now.entry.version === this.view.entry.version) return;
      if (!this.dirty) this.#take(now);
      else if (now.version !== this.view.version) this.theirs = now;
    } catch (thrown) {
      const failure = asFailure(thrown);
      if (failure.code !== 'not_found') return;
      if (this.dirty) this.gone = true;
      else this.failure = failure;
    }
  }

  /** Tells whether the text was written. Where somebody else wrote it, `conflict` holds. */
  async save(unchecked = false): Promise<boolean> {
    return this.#write(this.view?.version ?? '', unchecked);
  }

  /** Writes over the other version, which the person has seen; not over one that came after it. */
  async overwrite(): Promise<boolean> {
    return this.#write(this.gone ? '' : (this.theirs?.version ?? ''), true);
  }

  /** Writes a copy; fails where that fails. */
  async saveAs(path: string): Promise<void> {
    await this.#put(path, '', true);
  }

  /** Takes what the other one wrote; the own text goes. */
  takeTheirs(): void {
    if (this.theirs) this.#take(this.theirs);
  }

  async #write(version: string, unchecked: boolean): Promise<boolean> {
    if (!this.view) return false;
    this.saveFailure = null;
    try {
      await this.#put(this.place.path, version, unchecked);
      return true;
    } catch (thrown) {
      await this.#refused(asFailure(thrown));
      return false;
    }
  }

  async #put(path: string, version: string, unchecked: boolean): Promise<void> {
    const view = this.view;
    if (!view) return;
    const text = this.text;
    const written = text.replaceAll('\n', this.#lineEnd ?? '\n');
    this.saving = true;
    try {
      const { entry, version: saved } = await this.#door.call('Data.Save', {
        ...this.place,
        path,
        text: written,
        encoding: view.encoding,
        version,
        unchecked,
      });
      if (path === this.place.path) {
        const next = { ...view, entry, text: written, version: saved };
        delete next.problem;
        this.view = next;
      }
      this.#saved = text;
      this.theirs = null;
      this.gone = false;
    } finally {
      this.saving = false;
    }
  }

  async #refused(failure: DoorFailure): Promise<void> {
    // What had gone may be there again: that is a second version then.
    const back = this.gone && failure.code === 'file_exists';
    if (failure.code !== 'file_changed' && !back) {
      this.saveFailure = failure;
      return;
    }
    try {
      this.theirs = await this.#door.call('Data.Look', this.place);
      this.gone = false;
    } catch (thrown) {
      const other = asFailure(thrown);
      if (other.code !== 'not_found') this.saveFailure = other;
      this.theirs = null;
      this.gone = true;
    }
  }

  /** Puts JSON in order; where it is none, `saveFailure` says where. */
  async format(): Promise<void> {
    try {
      const { text, problem } = await this.#door.call('Data.FormatJSON', { text: this.text });
      if (problem) this.saveFailure = new DoorFailure(problem);
      else {
        this.text = text;
        this.saveFailure = null;
      }
    } catch (thrown) {
      this.saveFailure = asFailure(thrown);
    }
  }

  revert(): void {
    this.text = this.#saved;
    this.saveFailure = null;
  }
}
