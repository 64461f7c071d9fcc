import { asFailure, door, type Door, type DoorFailure, type PersonSession } from '$lib/api';

/** The person's own password and sessions. */
export class OwnAccount {
  sessions = $state.raw<PersonSession[]>([]);
  failure = $state.raw<DoorFailure | null>(null);
  passwordFailure = $state.raw<DoorFailure | null>(null);
  busy = $state(false);
  readonly #door: Door;

  constructor(api: Door = door) {
    this.#door = api;
  }

  async load(): Promise<void> {
    try {
      this.sessions = (await this.#door.call('Session.Sessions')) ?? [];
      this.failure = null;
    } catch (thrown) {
      this.failure = asFailure(thrown);
    }
  }

  async endOthers(): Promise<void> {
    this.busy = true;
    try {
      await this.#door.call('Session.EndSessions', {});
      await this.load();
    } catch (thrown) {
      this.failure = asFailure(thrown);
    } finally {
      this.busy = false;
    }
  }

  /** Tells whether it was changed; if not, `passwordFailure` says why. */
  async setPassword(before: string, after: string): Promise<boolean> {
    this.busy = true;
    this.passwordFailure = null;
    try {
      await this.#door.call('Session.SetPassword', { old: before, new: after });
      await this.load();
      return true;
    } catch (thrown) {
      this.passwordFailure = asFailure(thrown);
      return false;
    } finally {
      this.busy = false;
    }
  }
}
