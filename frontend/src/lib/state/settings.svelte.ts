import { SvelteMap } from 'svelte/reactivity';
import {
  asFailure,
  door,
  DoorFailure,
  type Door,
  type DoorError,
  type Setting,
  type SettingChange,
  type SettingsView,
} from '$lib/api';

/** Settings that stand in one row: one, or the same of several levels. */
export interface SettingRow {
  text: string;
  settings: Setting[];
}

export interface SettingSection {
  name: string;
  rows: SettingRow[];
}

export function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Settings by section and row, in the engine's order. */
export function sections(settings: readonly Setting[]): SettingSection[] {
  const list: SettingSection[] = [];
  for (const setting of settings) {
    let section = list.find(({ name }) => name === setting.section);
    if (!section) list.push((section = { name: setting.section, rows: [] }));
    const row = section.rows.find(({ text }) => text === setting.text);
    if (row) row.settings.push(setting);
    else section.rows.push({ text: setting.text, settings: [setting] });
  }
  return list;
}

// The engine is asked when nobody has typed for so long.
const pause = 250;

/**
 * The configuration, and what a person is about to change in it. Nothing typed
 * is lost: what others change meanwhile is told at its field when it is saved.
 */
export class SettingsStore {
  view = $state.raw<SettingsView | null>(null);
  failure = $state.raw<DoorFailure | null>(null);
  /** What is wrong with values that are typed, by key; the engine says it. */
  errors = $state.raw<Readonly<Record<string, DoorError>>>({});
  busy = $state(false);
  /** New values by key; null is back to the default. */
  readonly drafts = new SvelteMap<string, unknown>();
  // What stood in the file when the person began to change it.
  readonly #seen = new Map<string, unknown>();
  readonly #door: Door;
  #turn = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(api: Door = door) {
    this.#door = api;
  }

  start(): () => void {
    void this.load();
    const stop = this.#door.listen((event) => {
      if (event.type === 'missed' || event.type === 'settings.changed') void this.load();
    });
    return () => {
      clearTimeout(this.#timer);
      stop();
    };
  }

  async load(): Promise<void> {
    try {
      this.#take(await this.#door.call('Settings.List'));
      this.failure = null;
    } catch (thrown) {
      this.failure = asFailure(thrown);
    }
  }

  #take(view: SettingsView): void {
    this.view = view;
    // What somebody else has set to the same is no change any more.
    for (const [key, value] of this.drafts)
      if (!this.#wrong(key) && same(value, this.setting(key)?.file ?? null)) this.undo(key);
    if (this.drafts.size > 0) this.#check();
  }

  setting(key: string): Setting | undefined {
    return this.view?.settings.find(({ name }) => name === key);
  }

  // A value in the file that is not allowed is none for `file`, but stands there.
  #wrong(key: string): boolean {
    return this.view?.problems.some((problem) => problem.params?.['key'] === key) ?? false;
  }

  /** The value that a field shows. */
  shown(setting: Setting): unknown {
    if (!this.drafts.has(setting.name)) return setting.value;
    return this.drafts.get(setting.name) ?? setting.default;
  }

  edit(key: string, value: unknown): void {
    const setting = this.setting(key);
    if (!setting) return;
    const unchanged = setting.file === null ? same(value, setting.default) : same(value, setting.file);
    if (unchanged && !this.#wrong(key)) this.undo(key);
    else this.#draft(setting, value);
  }

  /** Takes the key out of the file, so that the default holds. */
  reset(key: string): void {
    const setting = this.setting(key);
    if (!setting) return;
    if (setting.file === null && !this.#wrong(key)) this.undo(key);
    else this.#draft(setting, null);
  }

  #draft(setting: Setting, value: unknown): void {
    if (!this.drafts.has(setting.name)) this.#seen.set(setting.name, setting.file);
    this.drafts.set(setting.name, value);
    this.#check();
  }

  undo(key: string): void {
    this.drafts.delete(key);
    this.#seen.delete(key);
    this.#forget(key);
    this.#check();
  }

  undoAll(): void {
    this.drafts.clear();
    this.#seen.clear();
    this.errors = {};
    this.failure = null;
    this.#turn++;
  }

  /** The person has seen what somebody else set meanwhile, and wants the own value all the same. */
  keep(key: string): void {
    this.#seen.set(key, this.setting(key)?.file ?? null);
    this.#forget(key);
    this.#check();
  }

  #forget(key: string): void {
    this.errors = Object.fromEntries(Object.entries(this.errors).filter(([other]) => other !== key));
  }

  get #request() {
    return { values: Object.fromEntries(this.drafts), seen: Object.fromEntries(this.#seen) };
  }

  #check(): void {
    clearTimeout(this.#timer);
    const turn = ++this.#turn;
    if (this.drafts.size === 0) {
      this.errors = {};
      return;
    }
    this.#timer = setTimeout(() => {
      void this.#door.call('Settings.Check', this.#request).then(
        () => {
          if (turn === this.#turn) this.errors = {};
        },
        (thrown: unknown) => {
          if (turn === this.#turn) this.#refused(asFailure(thrown), false);
        },
      );
    }, pause);
  }

  #refused(failure: DoorFailure, tell: boolean): void {
    this.errors = failure.code === 'invalid' ? (failure.fields ?? {}) : {};
    if (failure.code !== 'invalid' && tell) this.failure = failure;
  }

  /** Whether it was done; if not, `errors` or `failure` say why. Gives what was changed. */
  async save(): Promise<SettingChange[] | null> {
    clearTimeout(this.#timer);
    this.#turn++;
    this.busy = true;
    try {
      const sent = this.#request;
      const { changes, view } = await this.#door.call('Settings.Set', sent);
      this.#settled(sent.values);
      this.#take(view);
      return changes;
    } catch (thrown) {
      this.failure = null;
      this.#refused(asFailure(thrown), true);
      void this.#fresh();
      return null;
    } finally {
      this.busy = false;
    }
  }

  // What was typed since the request was made stays.
  #settled(sent: Record<string, unknown>): void {
    for (const [key, value] of Object.entries(sent)) {
      if (!same(this.drafts.get(key), value)) continue;
      this.drafts.delete(key);
      this.#seen.delete(key);
    }
    for (const key of this.#seen.keys()) if (key in sent) this.#seen.set(key, sent[key] ?? null);
    this.errors = {};
    this.failure = null;
    if (this.drafts.size > 0) this.#check();
  }

  // A conflict shows what stands in the file now.
  async #fresh(): Promise<void> {
    try {
      this.view = await this.#door.call('Settings.List');
    } catch {
      // What was shown stays; the failure of the save is told already.
    }
  }

  /** Takes a key that is none of ours out of the file. */
  async remove(key: string): Promise<boolean> {
    return this.#act(async () =>
      this.#take((await this.#door.call('Settings.Set', { values: { [key]: null } })).view),
    );
  }

  /** Puts the configuration in force back into a file that is refused. Gives where that one is kept. */
  async restore(): Promise<string | null> {
    let kept: string | null = null;
    await this.#act(async () => {
      const restored = await this.#door.call('Settings.Restore');
      kept = restored.kept;
      this.#take(restored.view);
    });
    return kept;
  }

  async #act(action: () => Promise<void>): Promise<boolean> {
    this.busy = true;
    try {
      await action();
      this.failure = null;
      return true;
    } catch (thrown) {
      this.failure = asFailure(thrown);
      return false;
    } finally {
      this.busy = false;
    }
  }
}

/** What was changed in the configuration, newest first. */
export class SettingsHistory {
  changes = $state.raw<SettingChange[] | null>(null);
  failure = $state.raw<DoorFailure | null>(null);
  busy = $state(false);
  /** Where the next page begins; 0: there is none. */
  next = $state(0);
  readonly #door: Door;

  constructor(api: Door = door) {
    this.#door = api;
  }

  start(): () => void {
    void this.load();
    return this.#door.listen((event) => {
      if (event.type === 'missed' || event.type === 'settings.changed') void this.load();
    });
  }

  load(): Promise<void> {
    return this.#page(0);
  }

  more(): Promise<void> {
    return this.#page(this.next);
  }

  async #page(before: number): Promise<void> {
    try {
      const page = await this.#door.call('Settings.History', { before });
      this.changes = [...(before ? (this.changes ?? []) : []), ...page.changes];
      this.next = page.next;
      if (before === 0) this.failure = null;
    } catch (thrown) {
      this.failure = asFailure(thrown);
    }
  }

  /** Undoes a change, or with `later` it and all after it. Whether it was done. */
  async takeBack(change: SettingChange, later: boolean): Promise<boolean> {
    this.busy = true;
    try {
      await this.#door.call('Settings.TakeBack', { id: change.id, later });
      await this.load();
      return true;
    } catch (thrown) {
      const failure = asFailure(thrown);
      // What is wrong with the key says more than that something is.
      const [wrong] = Object.values(failure.fields ?? {});
      this.failure = wrong ? new DoorFailure(wrong) : failure;
      return false;
    } finally {
      this.busy = false;
    }
  }
}

/** Tells an administrator, wherever he is, that the file has a mistake and is not used. */
export function watchRefusal(tell: (refused: boolean) => void, api: Door = door): () => void {
  const ask = () => {
    api.call('Settings.List').then(
      ({ refused }) => tell(refused),
      () => undefined, // signed out, or away: asked again when that changes
    );
  };
  ask();
  return api.listen((event) => {
    if (event.type === 'missed' || event.type === 'settings.changed') ask();
  });
}
