import {
  asFailure,
  door,
  type About,
  type Confinement,
  type Door,
  type DoorFailure,
  type Finding,
} from '$lib/api';

/** What the program says about itself. */
export class SystemStore {
  about = $state.raw<About | null>(null);
  findings = $state.raw<Finding[] | null>(null);
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
}
