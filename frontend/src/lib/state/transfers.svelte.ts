import { asFailure, door, DoorFailure, type Door, type Progress } from '$lib/api';
import { base64Of, bytesOf } from '$lib/base64';
import { download } from '$lib/components/log/download';
import { fileMost } from './exporting.svelte';
import type { FilePlace } from './datafile.svelte';

export type Choice = 'replace' | 'both' | 'skip';
type Stage = 'waiting' | 'asks' | 'running' | 'done' | 'failed' | 'skipped';

const part = 1024 * 1024;

/** An upload or a download, from its beginning until its line is closed. */
export class Transfer {
  readonly id = crypto.randomUUID();
  readonly kind: 'up' | 'down';
  name = $state('');
  place: FilePlace;
  file: File | null;
  stage = $state<Stage>('waiting');
  done = $state(0);
  total = $state(0);
  failure = $state.raw<DoorFailure | null>(null);
  /** Links and what cannot be read, which a zip lacks. */
  left = $state.raw<string[]>([]);
  choice: '' | 'replace' | 'both' = '';
  /** Of the file that is to be replaced, where it was changed meanwhile. */
  version = '';
  /** Of the engine, while parts go. */
  remote = '';
  began = $state(0);
  #now = $state(0);

  constructor(kind: 'up' | 'down', place: FilePlace, name: string, file: File | null) {
    this.kind = kind;
    this.place = place;
    this.name = name;
    this.file = file;
    this.total = file?.size ?? 0;
  }

  /** Told after each part. */
  moved(done: number): void {
    this.done = done;
    this.#now = performance.now();
  }

  begin(): void {
    this.stage = 'running';
    this.failure = null;
    this.done = 0;
    this.began = this.#now = performance.now();
  }

  /** Bytes in a second. */
  readonly rate = $derived(this.#now > this.began ? (this.done * 1000) / (this.#now - this.began) : 0);

  readonly progress = $derived<Progress>({
    percent_done: this.total > 0 ? (100 * this.done) / this.total : 0,
    bytes_done: this.done,
    total_bytes: this.total > 0 ? this.total : 0,
    eta_seconds: this.rate > 0 && this.total > this.done ? (this.total - this.done) / this.rate : 0,
    steps: [],
  } as unknown as Progress);
}

/** What goes up and down, one after the other, whatever page is shown. */
export class TransferStore {
  items = $state.raw<Transfer[]>([]);
  /** For all further files of the same selection. */
  #forAll: Choice | '' = '';
  #works = false;
  readonly #door: Door;

  constructor(api: Door = door) {
    this.#door = api;
  }

  #owner = 0;

  /** Whose they are: what another person of this tab had is neither shown nor gone on with. Tells whether it was another's. */
  belongTo(user: number): boolean {
    const other = this.#owner !== 0 && this.#owner !== user;
    if (other) [...this.items].forEach((one) => this.close(one));
    this.#owner = user;
    return other;
  }

  readonly busy = $derived(this.items.some((one) => one.stage === 'waiting' || one.stage === 'running'));

  upload(place: FilePlace, files: { file: File; path: string }[]): void {
    this.#forAll = '';
    const fresh = files.map(({ file, path }) => new Transfer('up', { ...place, path }, path, file));
    this.items = [...this.items, ...fresh];
    void this.#work();
  }

  download(place: FilePlace, name: string): void {
    this.items = [...this.items, new Transfer('down', place, name, null)];
    void this.#work();
  }

  /** What becomes of a file whose name is taken. */
  choose(one: Transfer, choice: Choice, forAll: boolean): void {
    if (forAll) this.#forAll = choice;
    for (const other of forAll ? this.items.filter((item) => item.stage === 'asks') : [one])
      this.#apply(other, choice);
    void this.#work();
  }

  #apply(one: Transfer, choice: Choice): void {
    if (choice === 'skip') {
      void this.#drop(one);
      one.stage = 'skipped';
      return;
    }
    one.choice = choice;
    one.stage = 'waiting';
  }

  /** Once more, from the beginning: after a sign-in, or when there is room. */
  again(one: Transfer): void {
    one.remote = '';
    one.stage = 'waiting';
    void this.#work();
  }

  /** Ends it where it is under way, and takes its line away. */
  close(one: Transfer): void {
    this.items = this.items.filter((item) => item !== one);
    void this.#drop(one);
  }

  closeEnded(): void {
    this.items = this.items.filter((one) => one.stage !== 'done' && one.stage !== 'skipped');
  }

  async #drop(one: Transfer): Promise<void> {
    const id = one.remote;
    one.remote = '';
    if (id) await this.#door.call('Data.TransferEnd', { id }).catch(() => undefined);
  }

  async #work(): Promise<void> {
    if (this.#works) return;
    this.#works = true;
    try {
      for (;;) {
        const next = this.items.find((one) => one.stage === 'waiting');
        if (!next) return;
        try {
          await (next.kind === 'up' ? this.#up(next) : this.#down(next));
        } catch (thrown) {
          this.#failed(next, asFailure(thrown));
        }
      }
    } finally {
      this.#works = false;
    }
  }

  #failed(one: Transfer, failure: DoorFailure): void {
    const taken = failure.code === 'file_exists' || (failure.code === 'file_changed' && one.kind === 'up');
    one.failure = failure;
    if (!taken) {
      one.stage = 'failed';
      // All others wait for that person to come back, too, and not for the next one to sign in.
      if (failure.code === 'not_signed_in')
        for (const other of this.items.filter((item) => item.stage === 'waiting')) {
          other.failure = failure;
          other.stage = 'failed';
        }
      void this.#drop(one);
      return;
    }
    one.version = typeof failure.params['version'] === 'string' ? failure.params['version'] : '';
    one.stage = 'asks';
    if (this.#forAll && failure.code === 'file_exists') this.#apply(one, this.#forAll);
  }

  /** Whether the line was closed meanwhile. */
  #closed(one: Transfer): boolean {
    return !this.items.includes(one);
  }

  async #up(one: Transfer): Promise<void> {
    const file = one.file;
    if (!file) return;
    if (!one.remote) {
      one.begin();
      const begun = await this.#door.call('Data.Upload', {
        ...one.place,
        size: file.size,
        existing: one.choice,
        version: '',
      });
      one.remote = begun.id;
      if (this.#closed(one)) return this.#drop(one);
      for (let at = 0; at < file.size && !this.#closed(one); at += part) {
        const bytes = await read(file, at);
        await this.#door.call('Data.UploadPart', { id: begun.id, offset: at, data: base64Of(bytes) });
        one.moved(at + bytes.length);
      }
      if (this.#closed(one)) return this.#drop(one);
    }
    one.stage = 'running';
    const { path } = await this.#door.call('Data.UploadEnd', {
      id: one.remote,
      existing: one.choice,
      version: one.version,
    });
    one.remote = '';
    one.failure = null;
    one.name = path;
    one.stage = 'done';
  }

  async #down(one: Transfer): Promise<void> {
    one.begin();
    const { project_id, group_id, path } = one.place;
    const begun = await this.#door.call('Data.Download', { project_id, group_id, paths: [path] });
    one.remote = begun.id;
    if (this.#closed(one)) return this.#drop(one);
    one.name = begun.name;
    one.total = Math.max(0, begun.size);
    if (begun.size > fileMost) throw tooLarge(begun.name, begun.size);
    const parts: Uint8Array<ArrayBuffer>[] = [];
    let done = 0;
    for (let end = false; !end;) {
      const got = await this.#door.call('Data.DownloadPart', { id: begun.id });
      if (this.#closed(one)) return;
      const bytes = bytesOf(got.data);
      parts.push(bytes);
      done += bytes.length;
      one.moved(done);
      if (done > fileMost) throw tooLarge(begun.name, done);
      end = got.end;
      if (end) one.left = got.left;
    }
    one.remote = '';
    one.stage = 'done';
    download(one.name, parts, 'application/octet-stream');
  }
}

function tooLarge(name: string, size: number): DoorFailure {
  return new DoorFailure({ code: 'file_large', params: { name, size, maximum: fileMost } });
}

/** A file that was changed or removed on the person's own disk cannot be read any more. */
async function read(file: File, at: number): Promise<Uint8Array> {
  try {
    return new Uint8Array(await file.slice(at, at + part).arrayBuffer());
  } catch (thrown) {
    const detail = thrown instanceof Error ? thrown.message : String(thrown);
    throw new DoorFailure({ code: 'file_unreadable', params: { path: file.name, detail } });
  }
}

export const transfers = new TransferStore();
