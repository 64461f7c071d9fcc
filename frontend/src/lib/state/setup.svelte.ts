import { asFailure, door, type Door, type DoorFailure, type SetupState } from '$lib/api';

/** What the setup shows, and what is chosen in it. */
export class SetupStore {
  setup = $state.raw<SetupState | null>(null);
  /** Why it could not be had. */
  failure = $state.raw<DoorFailure | null>(null);
  /** Why what was chosen last is not done. */
  refused = $state.raw<DoorFailure | null>(null);
  busy = $state(false);
  readonly #door: Door;

  constructor(api: Door = door) {
    this.#door = api;
  }

  async load(): Promise<void> {
    try {
      this.setup = await this.#door.call('Setup.State');
      this.failure = null;
    } catch (thrown) {
      this.failure = asFailure(thrown);
    }
  }

  /** The steps, in their order. */
  get steps(): string[] {
    const steps = ['language', 'found', 'samples', 'backups'];
    if (this.setup?.sign_in.offered) steps.push('sign_in');
    if (!this.setup?.again) steps.push('administrator');
    return steps;
  }

  /** Keeps where it is, so that it is taken up again there. */
  async keepStep(step: string): Promise<void> {
    this.refused = null;
    if (this.setup?.again) return;
    try {
      await this.#door.call('Setup.KeepStep', { step });
    } catch {
      // It goes on all the same, and begins at an earlier step where it is left.
    }
  }

  /** Does what was chosen. Whether it is done. */
  async choose(what: (api: Door) => Promise<SetupState>): Promise<boolean> {
    this.busy = true;
    this.refused = null;
    try {
      this.setup = await what(this.#door);
      return true;
    } catch (thrown) {
      this.refused = asFailure(thrown);
      return false;
    } finally {
      this.busy = false;
    }
  }
}
