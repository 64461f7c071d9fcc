import {
  asFailure,
  door,
  type Assigned,
  type Door,
  type DoorFailure,
  type Environment,
  type ImportCheck,
  type ScriptImports,
} from '$lib/api';

/** What an environment is chosen for: a group, or one script. */
export type Target = { group_id: string } | { script_id: string };

/** The choice of an environment: all there are, and what each lacks of what the scripts import. */
export class Assigning {
  items = $state.raw<Environment[] | null>(null);
  checks = $state.raw<Record<string, ImportCheck | DoorFailure>>({});
  failure = $state.raw<DoorFailure | null>(null);
  busy = $state(false);
  readonly #door: Door;
  #turn = 0;

  constructor(api: Door = door) {
    this.#door = api;
  }

  /** Loads the environments; `check` asks of each that works what it lacks. */
  async load(target: Target, check: boolean): Promise<void> {
    const turn = ++this.#turn;
    this.checks = {};
    this.failure = null;
    try {
      this.items = (await this.#door.call('Environments.List')) ?? [];
    } catch (thrown) {
      this.failure = asFailure(thrown);
      return;
    }
    if (!check) return;
    for (const item of this.items.filter(works)) {
      let answer: ImportCheck | DoorFailure;
      try {
        answer = await this.#door.call('Environments.Check', { ...target, environment: item.path });
      } catch (thrown) {
        answer = asFailure(thrown);
      }
      if (turn !== this.#turn) return;
      this.checks = { ...this.checks, [item.path]: answer };
    }
  }

  /** Assigns an environment by its path; '' takes it back. Gives null where that is refused. */
  async assign(target: Target, path: string): Promise<Assigned | null> {
    this.busy = true;
    this.failure = null;
    try {
      return await this.#door.call('Environments.Assign', { ...target, environment: path });
    } catch (thrown) {
      this.failure = asFailure(thrown);
      return null;
    } finally {
      this.busy = false;
    }
  }
}

/** Whether scripts can run in it, at least those without a page. */
export function works(environment: Environment): boolean {
  return environment.state === 'ok' || environment.state === 'no_flask';
}

/** The modules without which scripts fail there, each once. */
export function lacks(scripts: ScriptImports[] | null): string[] {
  const modules = (scripts ?? []).flatMap((script) =>
    (script.missing ?? []).filter((missing) => !missing.optional).map((missing) => missing.module),
  );
  return [...new Set(modules)].sort();
}
