import {
  asFailure,
  door,
  type Door,
  type DoorFailure,
  type EnvironmentActivation,
  type EnvironmentDetail,
  type EnvironmentPackage,
  type EnvironmentUse,
  type Execution,
} from '$lib/api';
import { session } from './session.svelte';
import { StatusChanges } from './status';

/** One environment's page: the facts, and, once they are asked for, packages, variables and executions. */
export class EnvironmentStore {
  environment = $state.raw<EnvironmentDetail | null>(null);
  use = $state.raw<EnvironmentUse | null>(null);
  failure = $state.raw<DoorFailure | null>(null);
  packages = $state.raw<EnvironmentPackage[] | null>(null);
  packagesFailure = $state.raw<DoorFailure | null>(null);
  activation = $state.raw<EnvironmentActivation | null>(null);
  activationFailure = $state.raw<DoorFailure | null>(null);
  executions = $state.raw<Execution[] | null>(null);
  next = $state('');
  readonly #door: Door;
  #path = '';

  constructor(api: Door = door) {
    this.#door = api;
  }

  open(path: string): () => void {
    this.#path = path;
    this.environment = null;
    this.use = null;
    this.failure = null;
    this.packages = null;
    this.packagesFailure = null;
    this.activation = null;
    this.activationFailure = null;
    this.executions = null;
    this.next = '';
    void this.load();
    const changes = new StatusChanges();
    return this.#door.listen((event) => {
      if (event.type === 'missed' || event.type === 'environment.changed') {
        void this.load();
        if (this.packages) void this.loadPackages();
        if (this.activation) void this.loadActivation();
      } else if (event.type === 'discovery.changed') void this.load();
      else if (event.type === 'execution.changed' && event.data.environment_path === path) {
        this.#take(event.data);
        if (changes.is(event.data)) void this.load();
      }
    });
  }

  async load(): Promise<void> {
    const path = this.#path;
    try {
      const environment = await this.#door.call('Environments.Get', { environment: path });
      const uses = (await this.#door.call('Environments.Uses')) ?? [];
      if (path !== this.#path) return;
      this.environment = environment;
      this.use = uses.find((use) => use.path === environment.path) ?? null;
      this.failure = null;
    } catch (thrown) {
      if (path === this.#path) this.failure = asFailure(thrown);
    }
  }

  async loadPackages(): Promise<void> {
    const path = this.#path;
    try {
      const packages = (await this.#door.call('Environments.Packages', { environment: path })) ?? [];
      if (path !== this.#path) return;
      this.packages = packages;
      this.packagesFailure = null;
    } catch (thrown) {
      if (path === this.#path) this.packagesFailure = asFailure(thrown);
    }
  }

  async loadActivation(): Promise<void> {
    const path = this.#path;
    try {
      const activation = await this.#door.call('Environments.Activation', { environment: path });
      if (path !== this.#path) return;
      this.activation = activation;
      this.activationFailure = null;
    } catch (thrown) {
      if (path === this.#path) this.activationFailure = asFailure(thrown);
    }
  }

  async loadExecutions(more = false): Promise<void> {
    const path = this.#path;
    try {
      const page = await this.#door.call('Executions.List', {
        environment: path,
        limit: 25,
        ...(more ? { before: this.next } : {}),
      });
      if (path !== this.#path) return;
      this.executions = [...(more ? (this.executions ?? []) : []), ...(page.items ?? [])];
      this.next = page.next;
    } catch {
      if (path === this.#path) this.executions ??= [];
    }
  }

  /** Others' are heard of as well, by administrators and where they are shared; the list has one's own. */
  #take(execution: Execution): void {
    const mine = session.user?.id ?? execution.user_id;
    if (!this.executions || execution.user_id !== mine) return;
    this.executions = this.executions.some((item) => item.id === execution.id)
      ? this.executions.map((item) => (item.id === execution.id ? execution : item))
      : [execution, ...this.executions];
  }
}
