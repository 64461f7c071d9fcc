import {
  asFailure,
  door,
  type About,
  type Confinement,
  type Door,
  type DoorFailure,
  type Finding,
  type SetupState,
} from '$lib/api';

/** What the program says about itself: about, findings, and what the setup shows. */
export class SystemStore {
  about = $state.raw<About | null>(null);
  findings = $state.raw<Finding[] | null>(null);
  setup = $state.raw<SetupState | null>(null);
  confinement = $state.raw<Confinement | null>(null);
  failure = $state.raw<DoorFailure | null>(null);
  readonly #door: Door;

  constructor(api: Door = door) {
    this.#door = api;
  }

  async load(): Promise<void> {
    try {
      this.about = await this.#door.call('System.About');
    } catch (thrown) {
      this.failure = asFailure(thrown);
    }
  }

  async loadFindings(): Promise<void> {
    try {
      this.findings = (await this.#door.call('System.Doctor')) ?? [];
    } catch (thrown) {
      this.failure = asFailure(thrown);
      this.findings = [];
    }
  }

  async loadConfinement(): Promise<void> {
    try {
      this.confinement = await this.#door.call('System.Confinement');
      this.failure = null;
    } catch (thrown) {
      this.failure = asFailure(thrown);
    }
  }

  /** Keeps where the setup is. */
  async keepStep(step: string): Promise<void> {
    try {
      await this.#door.call('Setup.KeepStep', { step });
    } catch {
      // It goes on all the same, and begins at an earlier step where it is left.
    }
  }

  async loadSetup(): Promise<void> {
    try {
      this.setup = await this.#door.call('Setup.State');
      this.failure = null;
    } catch (thrown) {
      this.failure = asFailure(thrown);
    }
  }
}
