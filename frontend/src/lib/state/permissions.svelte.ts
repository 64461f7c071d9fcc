import { i18n } from '$lib/i18n/i18n.svelte';
import { SvelteSet } from 'svelte/reactivity';
import {
  asFailure,
  door,
  type Door,
  type DoorFailure,
  type Explained,
  type Group,
  type Level,
  type Permission,
  type PermissionRequest,
  type Script,
  type User,
} from '$lib/api';
import { levels } from '$lib/levels';

/** Whom a column of the grid is of: all of a level, or a person. Administrators may do everything and have none. */
export interface Subject {
  key: string;
  level: Level;
  user?: User;
}

/** What a row is of: a group, or a script of it. */
export interface Item {
  key: string;
  group: string;
  script?: Script;
}

export type Effect = 'allow' | 'deny' | 'default';

/** What holds in a cell: what is set there, else what it takes over; `open` where the level decides of each script. */
export interface Held {
  own: boolean;
  allow: boolean | 'open';
}

export const levelSubjects: readonly Subject[] = (['viewer', 'operator', 'developer'] as const).map(
  (level) => ({ key: `level:${level}`, level }),
);

/**
 * What is allowed and denied on top of levels. The grid is drawn from here; what
 * holds is decided by the engine, and `explain` asks it.
 */
export class PermissionStore {
  groups = $state.raw<Group[]>([]);
  scripts = $state.raw<Script[]>([]);
  users = $state.raw<User[]>([]);
  ready = $state(false);
  busy = $state(false);
  failure = $state.raw<DoorFailure | null>(null);
  explained = $state.raw<Explained | null>(null);
  /** Whose columns are shown: people whose name has this text. */
  people = $state('');
  /** Which rows are shown: groups and scripts whose name has this text. */
  objects = $state('');
  /** The groups whose scripts are shown. */
  opened = $state.raw<readonly string[]>([]);
  /** The cells that are chosen, by `cellKey`; all of them are shown. */
  readonly chosen = new SvelteSet<string>();
  readonly #door: Door;
  #set = $state.raw<ReadonlyMap<string, boolean>>(new Map());
  #explaining = '';

  constructor(api: Door = door) {
    this.#door = api;
  }

  start(): () => void {
    void this.load();
    return this.#door.listen((event) => {
      if (event.type === 'missed' || event.type === 'user.changed' || event.type === 'discovery.changed')
        void this.load();
    });
  }

  async load(): Promise<void> {
    try {
      const list = await this.#door.call('Permissions.List');
      this.groups = list.groups ?? [];
      this.scripts = list.scripts ?? [];
      this.users = list.users ?? [];
      this.#take(list.permissions);
      this.ready = true;
      this.failure = null;
      if (this.#explaining) await this.explain(this.#explaining);
    } catch (thrown) {
      this.failure = asFailure(thrown);
    }
  }

  #take(permissions: Permission[] | null): void {
    this.#set = new Map(
      (permissions ?? []).map((p) => [
        `${p.script_id ?? `${p.group_id}/`}|${p.user_id ? `user:${String(p.user_id)}` : `level:${p.level ?? ''}`}`,
        p.allow,
      ]),
    );
  }

  /** The columns: levels, then those people who are looked for and are no administrators. */
  get subjects(): Subject[] {
    return [
      ...levelSubjects,
      ...this.users
        .filter((user) => user.level !== 'admin' && has(this.people, user.name, user.display_name))
        .map((user) => ({ key: `user:${String(user.id)}`, level: user.level, user })),
    ];
  }

  /** The rows: groups, and the scripts of those that are open or have one that is looked for. */
  get items(): Item[] {
    return this.groups.flatMap((group): Item[] => {
      const scripts = this.scripts.filter((script) => script.group_id === group.id);
      const found = has(this.objects, group.id, i18n.text(group.name));
      const shown = this.objects
        ? scripts.filter((script) => has(this.objects, script.id, i18n.text(script.name)))
        : [];
      if (!found && shown.length === 0) return [];
      return [
        { key: `${group.id}/`, group: group.id },
        ...(found && this.opened.includes(group.id) ? scripts : shown).map((script) => ({
          key: script.id,
          group: group.id,
          script,
        })),
      ];
    });
  }

  /** Looks for people or objects, or opens groups. What is not shown then is not chosen any more. */
  show(change: { people?: string; objects?: string; opened?: readonly string[] }): void {
    Object.assign(this, change);
    const shown = new Set(
      this.items.flatMap((item) => this.subjects.map((subject) => cellKey(item, subject))),
    );
    for (const key of [...this.chosen]) if (!shown.has(key)) this.chosen.delete(key);
  }

  held(item: Item, subject: Subject): Held {
    const own = this.#set.get(cellKey(item, subject));
    if (own !== undefined) return { own: true, allow: own };
    return { own: false, allow: this.#inherited(item, subject) };
  }

  // As account.Policy decides: the script before the group, the person before the level.
  #inherited(item: Item, subject: Subject): boolean | 'open' {
    const group: Item = { key: `${item.group}/`, group: item.group };
    const level: Subject = { key: `level:${subject.level}`, level: subject.level };
    for (const [at, of] of [
      [item, level],
      [group, subject],
      [group, level],
    ] as const) {
      const found = this.#set.get(cellKey(at, of));
      if (found !== undefined) return found;
    }
    if (!item.script) return 'open';
    const required = levels.indexOf(item.script.required_level);
    return levels.indexOf(subject.level) >= (required < 0 ? levels.length - 1 : required);
  }

  toggle(item: Item, subject: Subject): void {
    const key = cellKey(item, subject);
    if (!this.chosen.delete(key)) this.chosen.add(key);
  }

  /** Chooses all of these cells, or none of them where all were chosen. */
  toggleAll(cells: readonly string[]): void {
    const all = cells.every((key) => this.chosen.has(key));
    for (const key of cells) {
      if (all) this.chosen.delete(key);
      else this.chosen.add(key);
    }
  }

  /** Sets all that is chosen. Whether it was done; if not, `failure` says why. */
  async set(effect: Effect): Promise<boolean> {
    this.busy = true;
    try {
      this.#take(
        await this.#door.call('Permissions.Set', {
          changes: [...this.chosen].map((key) => this.#request(key, effect)),
        }),
      );
      this.chosen.clear();
      this.failure = null;
      if (this.#explaining) await this.explain(this.#explaining);
      return true;
    } catch (thrown) {
      this.failure = asFailure(thrown);
      return false;
    } finally {
      this.busy = false;
    }
  }

  #request(key: string, effect: Effect): PermissionRequest {
    const [object = '', subject = ''] = key.split('|');
    const [kind, who = ''] = subject.split(':');
    return {
      ...(object.endsWith('/') ? { group_id: object.slice(0, -1) } : { script_id: object }),
      ...(kind === 'user'
        ? { user: this.users.find(({ id }) => String(id) === who)?.name ?? '' }
        : { level: who }),
      effect,
    };
  }

  /** Asks what a person may see and run, and why; "" ends it. */
  async explain(user: string): Promise<void> {
    this.#explaining = user;
    if (!user) {
      this.explained = null;
      return;
    }
    try {
      const explained = await this.#door.call('Permissions.Explain', { user });
      if (this.#explaining === user) this.explained = explained;
    } catch (thrown) {
      if (this.#explaining === user) this.failure = asFailure(thrown);
    }
  }
}

function has(text: string, ...names: string[]): boolean {
  const wanted = text.trim().toLocaleLowerCase();
  return names.some((name) => name.toLocaleLowerCase().includes(wanted));
}

export function cellKey(item: Item, subject: Subject): string {
  return `${item.key}|${subject.key}`;
}
