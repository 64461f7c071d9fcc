import {
  asFailure,
  door,
  type Door,
  type DoorError,
  type DoorFailure,
  type Metadata,
  type MetadataChange,
  type MetadataField,
  type Parameter,
} from '$lib/api';
import { canonical } from '$lib/canonical';

/** Whether two values are the same JSON. */
function same(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}

const pause = 300; // ms after the last key, before the engine is asked

/** What is edited of one script's metadata, and what is known of where they come from. */
export class MetadataStore {
  data = $state.raw<Metadata | null>(null);
  failure = $state.raw<DoorFailure | null>(null);
  /** What was typed and not saved, by field. */
  draft = $state.raw<Readonly<Record<string, unknown>>>({});
  /** What is wrong, by path as "parameters.2.min". */
  errors = $state.raw<Readonly<Record<string, DoorError>>>({});
  saveFailure = $state.raw<DoorFailure | null>(null);
  busy = $state(false);
  changes = $state.raw<MetadataChange[] | null>(null);
  changesNext = $state(0);
  /** The last parameters that were without mistakes. */
  good = $state.raw<Parameter[]>([]);
  /** What a field was when the typing in it began. */
  #base: Readonly<Record<string, unknown>> = $state.raw({});
  readonly #door: Door;
  #id = '';
  #turn = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(api: Door = door) {
    this.#door = api;
  }

  get dirty(): boolean {
    return Object.keys(this.draft).length > 0;
  }

  /** Follows a script until the function that it gives back is called; what was typed stays. */
  open(id: string): () => void {
    this.#id = id;
    void this.load();
    return this.#door.listen((event) => {
      if (event.type === 'discovery.changed' || event.type === 'missed') void this.load();
    });
  }

  async load(): Promise<void> {
    const turn = ++this.#turn;
    try {
      const data = await this.#door.call('Metadata.Get', { script_id: this.#id });
      if (turn === this.#turn) this.#take(data);
    } catch (thrown) {
      if (turn === this.#turn) this.failure = asFailure(thrown);
    }
    if (this.changes) await this.loadChanges();
  }

  #take(data: Metadata): void {
    this.data = data;
    this.failure = null;
    // What came to be as it was typed is no draft any more.
    const left = Object.entries(this.draft).filter(([name, value]) => !same(value, this.field(name)?.value));
    if (left.length < Object.keys(this.draft).length) this.draft = Object.fromEntries(left);
    if (!('parameters' in this.draft)) this.good = (this.field('parameters')?.value as Parameter[]) ?? [];
  }

  field(name: string): MetadataField | undefined {
    return this.data?.fields.find(({ field }) => field === name);
  }

  /** As it stands in the form. */
  value(name: string): unknown {
    return name in this.draft ? this.draft[name] : this.field(name)?.value;
  }

  /** Whether a field that is being edited is another one now than when that began. */
  moved(name: string): boolean {
    return name in this.draft && !same(this.#base[name], this.field(name)?.value);
  }

  change(name: string, value: unknown): void {
    const now = this.field(name)?.value;
    if (!(name in this.draft)) this.#base = { ...this.#base, [name]: now };
    this.saveFailure = null;
    if (same(value, now)) this.drop(name);
    else {
      this.draft = { ...this.draft, [name]: value };
      this.#clean(name);
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => void this.check(), pause);
    }
  }

  /** Forgets what was typed into a field. */
  drop(name: string): void {
    this.draft = Object.fromEntries(Object.entries(this.draft).filter(([other]) => other !== name));
    this.#clean(name);
    if (name === 'parameters') this.good = (this.field('parameters')?.value as Parameter[]) ?? [];
  }

  dropAll(): void {
    for (const name of Object.keys(this.draft)) this.drop(name);
    this.saveFailure = null;
  }

  /** Keeps what was typed, though somebody changed the field meanwhile. */
  keep(name: string): void {
    this.#base = { ...this.#base, [name]: this.field(name)?.value };
  }

  #clean(name: string): void {
    this.errors = Object.fromEntries(
      Object.entries(this.errors).filter(([path]) => path !== name && !path.startsWith(`${name}.`)),
    );
  }

  /** Asks the engine what is wrong with what was typed. */
  async check(): Promise<void> {
    clearTimeout(this.#timer);
    const asked = this.draft;
    if (Object.keys(asked).length === 0) return;
    try {
      const { values } = await this.#door.call('Metadata.Check', { script_id: this.#id, values: asked });
      if (asked !== this.draft) return;
      this.errors = {};
      if ('parameters' in asked) this.good = values['parameters'] as Parameter[];
    } catch (thrown) {
      if (asked === this.draft) this.errors = asFailure(thrown).fields ?? {};
    }
  }

  /** Saves all that was typed; tells whether that was done. */
  async save(): Promise<boolean> {
    if (!this.dirty) return true;
    return this.#write(() =>
      this.#door.call('Metadata.Set', {
        script_id: this.#id,
        values: this.draft,
        version: this.data?.version ?? 0,
      }),
    );
  }

  /** Lets the files count again for a field. */
  async back(name: string): Promise<boolean> {
    const done = await this.#write(() =>
      this.#door.call('Metadata.Set', {
        script_id: this.#id,
        back: [name],
        version: this.data?.version ?? 0,
      }),
    );
    if (done) this.drop(name);
    return done;
  }

  async takeBack(change: MetadataChange): Promise<boolean> {
    return this.#write(() =>
      this.#door.call('Metadata.TakeBack', {
        script_id: this.#id,
        id: change.id,
        version: this.data?.version ?? 0,
      }),
    );
  }

  async #write(call: () => Promise<Metadata>): Promise<boolean> {
    this.busy = true;
    this.saveFailure = null;
    clearTimeout(this.#timer);
    try {
      const data = await call();
      this.#turn += 1; // an answer that is under way is older
      this.#take(data);
      this.errors = {};
      if (this.changes) await this.loadChanges();
      return true;
    } catch (thrown) {
      const failure = asFailure(thrown);
      if (failure.code === 'metadata_changed') await this.load();
      this.errors = failure.fields ?? {};
      this.saveFailure = failure;
      return false;
    } finally {
      this.busy = false;
    }
  }

  async loadChanges(more = false): Promise<void> {
    const id = this.#id;
    try {
      const page = await this.#door.call('Metadata.History', {
        script_id: id,
        ...(more ? { before: this.changesNext } : {}),
      });
      if (id !== this.#id) return;
      this.changes = [...(more ? (this.changes ?? []) : []), ...page.changes];
      this.changesNext = page.next;
    } catch {
      this.changes ??= [];
    }
  }
}

/** What was typed into scripts' metadata waits here while other pages are shown. */
class MetadataStores {
  readonly #stores = new Map<string, MetadataStore>();

  readonly #leave = (event: BeforeUnloadEvent) => {
    if ([...this.#stores.values()].some((store) => store.dirty)) event.preventDefault();
  };

  of(id: string): MetadataStore {
    for (const [other, store] of this.#stores) if (other !== id && !store.dirty) this.#stores.delete(other);
    const store = this.#stores.get(id) ?? new MetadataStore();
    this.#stores.set(id, store);
    window.addEventListener('beforeunload', this.#leave);
    return store;
  }

  /** Somebody else signs in. */
  clear(): void {
    this.#stores.clear();
  }
}

export const metadataStores = new MetadataStores();
