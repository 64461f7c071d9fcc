import {
  asFailure,
  door,
  type DataEntry,
  type DataGroup,
  type DataRights,
  type Door,
  type DoorFailure,
} from '$lib/api';

/** A folder as far as it was read. */
export interface Folder {
  entries: DataEntry[];
  total: number;
  reading: boolean;
}

/** A row of the tree. */
export interface TreeRow {
  path: string;
  depth: number;
  entry: DataEntry | null;
  /** More entries of the folder `path` are to be had. */
  more: number;
}

const page = 500;
/** The engine follows so many folders for one client. */
const watched = 100;

export const joined = (folder: string, name: string) => (folder ? `${folder}/${name}` : name);
export const parentOf = (path: string) => path.slice(0, Math.max(0, path.lastIndexOf('/')));
export const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1);

/** A name as people read it: what is no text or is not seen has a sign of its own. */
export function shownName(name: string): string {
  return Array.from(name, (sign) => {
    const code = sign.codePointAt(0) ?? 0;
    if (code >= 0xf780 && code <= 0xf7ff) return '\uFFFD';
    if (code < 0x20) return String.fromCodePoint(0x2400 + code);
    return /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/.test(sign) ? '\u2423' : sign;
  }).join('');
}

/** The files of a project for one group, as a tree that is read as it is opened. */
export class DataStore {
  groups = $state.raw<DataGroup[] | null>(null);
  rights = $state.raw<DataRights | null>(null);
  group = $state('');
  folders = $state.raw<ReadonlyMap<string, Folder>>(new Map());
  open = $state.raw<ReadonlySet<string>>(new Set(['']));
  failure = $state.raw<DoorFailure | null>(null);
  /** Counts changes in folders that are shown, for who shows a file of them. */
  changed = $state.raw<{ paths: string[] }>({ paths: [] });
  #project = 0;
  #told = '';
  readonly #door: Door;

  constructor(api: Door = door) {
    this.#door = api;
  }

  get project(): number {
    return this.#project;
  }

  readonly rows = $derived.by(() => {
    const rows: TreeRow[] = [];
    const add = (path: string, depth: number) => {
      const folder = this.folders.get(path);
      if (!folder) return;
      for (const entry of folder.entries) {
        const at = joined(path, entry.name);
        rows.push({ path: at, depth, entry, more: 0 });
        if (entry.kind === 'folder' && this.open.has(at)) add(at, depth + 1);
      }
      const more = folder.total - folder.entries.length;
      if (more > 0) rows.push({ path, depth, entry: null, more });
    };
    add('', 0);
    return rows;
  });

  /** Shows a project's files; gives back how to stop following them. */
  start(project: number, group: string): () => void {
    this.#project = project;
    this.group = group;
    void this.#begin();
    const stop = this.#door.listen((event) => {
      if (event.type === 'missed') {
        this.#told = '';
        void this.refresh();
      } else if (event.type === 'discovery.changed') void this.loadGroups();
      else if (event.type === 'project.shared' && this.rights?.shared !== false) void this.#again();
      else if (event.type === 'data.changed' && event.data.project_id === this.#project) {
        if (event.data.group_id !== this.group) return;
        void this.refresh(event.data.paths);
      }
    });
    return () => {
      stop();
      this.#door
        .call('Data.Watch', { project_id: this.#project, group_id: this.group, paths: [] })
        .catch(() => undefined);
    };
  }

  async #begin(): Promise<void> {
    await this.loadGroups();
    if (!this.groups) return;
    const wanted = this.groups.find((group) => group.group_id === this.group);
    const first = this.groups.find((group) => group.used) ?? this.groups[0];
    await this.choose((wanted ?? first)?.group_id ?? '');
  }

  async loadGroups(): Promise<void> {
    try {
      const found = await this.#door.call('Data.Groups', { project_id: this.#project });
      this.groups = found.groups;
      this.rights = found.rights;
      this.failure = null;
    } catch (thrown) {
      this.failure = asFailure(thrown);
    }
  }

  /** What others share may have been taken back: then nothing of it is shown any more. */
  async #again(): Promise<void> {
    const had = this.failure !== null;
    await this.loadGroups();
    if (this.failure) {
      this.groups = null;
      this.rights = null;
      await this.choose('');
    } else if (had || !this.group) await this.#begin();
  }

  async choose(group: string): Promise<void> {
    this.group = group;
    this.folders = new Map();
    this.open = new Set(['']);
    this.#told = '';
    if (group) await this.read('');
  }

  /** Where a call is about this project and group. */
  at<T extends object>(more: T): T & { project_id: number; group_id: string } {
    return { project_id: this.#project, group_id: this.group, ...more };
  }

  async toggle(path: string): Promise<void> {
    const open = new Set(this.open);
    if (open.delete(path)) {
      this.open = open;
      void this.#watch();
      return;
    }
    this.open = open.add(path);
    await this.read(path);
  }

  /** Opens the folders above a path, so that it is seen. */
  async reveal(path: string): Promise<void> {
    const parts = path.split('/').slice(0, -1);
    for (let n = 1; n <= parts.length; n++) {
      const folder = parts.slice(0, n).join('/');
      if (!this.open.has(folder)) await this.toggle(folder);
    }
  }

  /** Reads a folder from its beginning, as much as was read of it before. */
  async read(path: string): Promise<void> {
    void this.#watch();
    await this.#pages(path, 0, Math.max(page, this.folders.get(path)?.entries.length ?? 0));
  }

  async more(path: string): Promise<void> {
    const folder = this.folders.get(path);
    if (folder && !folder.reading) await this.#pages(path, folder.entries.length, page);
  }

  async #pages(path: string, from: number, count: number): Promise<void> {
    const group = this.group;
    const before = this.folders.get(path);
    this.#set(path, { ...(before ?? { entries: [], total: 0 }), reading: true });
    try {
      const entries = from > 0 ? [...(before?.entries ?? [])] : [];
      let total = 0;
      while (count > 0) {
        const limit = Math.min(count, 1000);
        const part = await this.#door.call('Data.List', this.at({ path, from, limit }));
        if (group !== this.group) return;
        entries.push(...part.entries);
        total = part.total;
        from += part.entries.length;
        count -= part.entries.length;
        if (part.entries.length < limit || from >= total) break;
      }
      this.#set(path, { entries, total: Math.max(total, entries.length), reading: false });
      this.failure = null;
    } catch (thrown) {
      if (group !== this.group) return;
      const failure = asFailure(thrown);
      if (failure.code === 'not_found' && path) this.#forget(path);
      else {
        this.failure = failure;
        this.#set(path, { ...(before ?? { entries: [], total: 0 }), reading: false });
      }
    }
  }

  /** Reads again what is shown of these folders; of all without any. */
  async refresh(paths?: string[]): Promise<void> {
    const shown = [...this.open].filter((path) => this.folders.has(path));
    await Promise.all(shown.filter((path) => !paths || paths.includes(path)).map((path) => this.read(path)));
    this.changed = { paths: paths ?? [...this.open] };
  }

  #set(path: string, folder: Folder): void {
    this.folders = new Map(this.folders).set(path, folder);
  }

  #forget(path: string): void {
    const below = (other: string) => other === path || other.startsWith(`${path}/`);
    this.folders = new Map([...this.folders].filter(([other]) => !below(other)));
    this.open = new Set([...this.open].filter((other) => !below(other)));
    void this.#watch();
  }

  /** Tells the engine which folders are shown, where they are others than before. */
  async #watch(): Promise<void> {
    const paths = [...this.open].sort((a, b) => a.length - b.length).slice(0, watched);
    const told = JSON.stringify([this.#project, this.group, paths]);
    if (told === this.#told) return;
    this.#told = told;
    try {
      await this.#door.call('Data.Watch', this.at({ paths }));
    } catch {
      this.#told = ''; // the next folder that is opened tries again
    }
  }

  async makeFolder(path: string): Promise<string> {
    return (await this.#call(() => this.#door.call('Data.MakeFolder', this.at({ path })))).path;
  }

  async move(from: string, to: string): Promise<string> {
    return (await this.#call(() => this.#door.call('Data.Move', this.at({ from, to })))).path;
  }

  weigh(path: string) {
    return this.#door.call('Data.Weigh', this.at({ paths: [path] }));
  }

  async remove(path: string, files: number): Promise<void> {
    await this.#call(() => this.#door.call('Data.Delete', this.at({ paths: [path], files })));
  }

  /** A failure is thrown; what was changed is shown. */
  async #call<T>(does: () => Promise<T>): Promise<T> {
    try {
      return await does();
    } catch (thrown) {
      throw asFailure(thrown);
    } finally {
      void this.refresh();
      if (this.groups?.some((group) => group.group_id === this.group && !group.used)) void this.loadGroups();
    }
  }
}
