import {
  asFailure,
  door,
  type Argument,
  type Door,
  type DoorFailure,
  type PersonSession,
  type User,
} from '$lib/api';

/** The accounts, for administrators. */
export class UsersStore {
  items = $state.raw<User[] | null>(null);
  failure = $state.raw<DoorFailure | null>(null);
  addFailure = $state.raw<DoorFailure | null>(null);
  adding = $state(false);
  editFailure = $state.raw<DoorFailure | null>(null);
  editing = $state(false);
  readonly #door: Door;

  constructor(api: Door = door) {
    this.#door = api;
  }

  start(): () => void {
    void this.load();
    return this.#door.listen((event) => {
      if (event.type === 'missed' || event.type === 'user.changed') void this.load();
    });
  }

  async load(): Promise<void> {
    try {
      this.items = (await this.#door.call('Users.List')) ?? [];
      this.failure = null;
    } catch (thrown) {
      this.failure = asFailure(thrown);
    }
  }

  /** Tells whether all was changed; if not, nothing was, and `editFailure` says why. */
  edit(change: Argument<'Users.Edit'>): Promise<boolean> {
    const nothing = Object.keys(change).every((key) => key === 'user_id' || key === 'revision');
    return this.#change(async () => {
      if (!nothing) await this.#door.call('Users.Edit', change);
    });
  }

  /** Tells whether the account can sign in again; if not, `editFailure` says why. */
  unlock(user: User): Promise<boolean> {
    return this.#change(() => this.#door.call('Users.Unlock', { user_id: user.id }));
  }

  async #change(what: () => Promise<unknown>): Promise<boolean> {
    this.editing = true;
    this.editFailure = null;
    try {
      await what();
      return true;
    } catch (thrown) {
      const failure = asFailure(thrown);
      // What the other one made of it is there before the message is.
      if (failure.code === 'user_conflict') await this.load();
      this.editFailure = failure;
      return false;
    } finally {
      this.editing = false;
      void this.load();
    }
  }

  /** Tells whether the account was made; if not, `addFailure` says why. */
  async add(user: Argument<'Users.Add'>): Promise<boolean> {
    this.adding = true;
    this.addFailure = null;
    try {
      await this.#door.call('Users.Add', user);
      await this.load();
      return true;
    } catch (thrown) {
      this.addFailure = asFailure(thrown);
      return false;
    } finally {
      this.adding = false;
    }
  }
}

/** Where one account is signed in, for administrators. */
export class UserSessions {
  items = $state.raw<PersonSession[] | null>(null);
  failure = $state.raw<DoorFailure | null>(null);
  busy = $state(false);
  /** Whether some were ended here. */
  ended = $state(false);
  readonly #userID: number;
  readonly #door: Door;

  constructor(userID: number, api: Door = door) {
    this.#userID = userID;
    this.#door = api;
  }

  /** How many can be ended: all but the one that asks. */
  get others(): number {
    return this.items?.filter((one) => !one.current).length ?? 0;
  }

  async load(): Promise<void> {
    try {
      this.items = (await this.#door.call('Users.Sessions', { user_id: this.#userID })) ?? [];
      this.failure = null;
    } catch (thrown) {
      this.failure = asFailure(thrown);
    }
  }

  async end(): Promise<void> {
    this.busy = true;
    this.ended = false;
    try {
      await this.#door.call('Users.EndSessions', { user_id: this.#userID });
      this.ended = true;
      await this.load();
    } catch (thrown) {
      this.failure = asFailure(thrown);
    } finally {
      this.busy = false;
    }
  }
}
