import {
  asFailure,
  door,
  type Argument,
  type DeletedUser,
  type Door,
  type DoorFailure,
  type UserData as Data,
} from '$lib/api';

/** What one account has, and how to take it away; for administrators. */
export class UserData {
  data = $state.raw<Data | null>(null);
  failure = $state.raw<DoorFailure | null>(null);
  /** Why it was not taken away. */
  refused = $state.raw<DoorFailure | null>(null);
  busy = $state(false);
  readonly #userID: number;
  readonly #door: Door;

  constructor(userID: number, api: Door = door) {
    this.#userID = userID;
    this.#door = api;
  }

  async load(): Promise<void> {
    try {
      this.data = await this.#door.call('Users.Data', { user_id: this.#userID });
      this.failure = null;
    } catch (thrown) {
      this.failure = asFailure(thrown);
    }
  }

  /** Removes the data folders; tells whether that was done. */
  async reset(confirm: string): Promise<boolean> {
    return this.#do(async () => {
      this.data = await this.#door.call('Users.ResetData', { user_id: this.#userID, confirm });
    });
  }

  /** Gives what was kept of the deleted account to another one; tells whether that was done. */
  async handOver(confirm: string, heir: number): Promise<boolean> {
    return this.#do(async () => {
      await this.#door.call('Users.HandOver', { user_id: this.#userID, confirm, to_user_id: heir });
    });
  }

  /** Deletes the account; tells whether that was done. */
  async remove(how: Omit<Argument<'Users.Delete'>, 'user_id'>): Promise<boolean> {
    return this.#do(async () => {
      await this.#door.call('Users.Delete', { user_id: this.#userID, ...how });
    });
  }

  async #do(what: () => Promise<void>): Promise<boolean> {
    this.busy = true;
    this.refused = null;
    try {
      await what();
      return true;
    } catch (thrown) {
      this.refused = asFailure(thrown);
      void this.load(); // what runs may be why
      return false;
    } finally {
      this.busy = false;
    }
  }
}

/** Accounts that were deleted. */
export class DeletedUsers {
  items = $state.raw<DeletedUser[]>([]);
  failure = $state.raw<DoorFailure | null>(null);
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
      this.items = (await this.#door.call('Users.Deleted')) ?? [];
      this.failure = null;
    } catch (thrown) {
      this.failure = asFailure(thrown);
    }
  }
}
