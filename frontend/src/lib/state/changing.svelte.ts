import {
  asFailure,
  door,
  type Argument,
  type Door,
  type DoorError,
  type DoorFailure,
  type EnvironmentChoices,
  type Execution,
} from '$lib/api';
import { i18n } from '$lib/i18n/i18n.svelte';
import type { Draft } from '$lib/components/environment/draft';
import { lacks } from './assigning.svelte';
import { jobs, type Jobs } from './jobs.svelte';

export type Change =
  | 'Environments.Create'
  | 'Environments.Import'
  | 'Environments.Clone'
  | 'Environments.Install'
  | 'Environments.Export'
  | 'Environments.Remove';

// Refusals of the whole that are about one field.
const places: Record<string, string> = {
  environment_name: 'name',
  environment_exists: 'name',
  environment_typed: 'confirm',
  conda_missing: 'tool',
  python_missing: 'python',
  archive_invalid: 'file',
  file_unreadable: 'file',
};

/** What is wrong with a field, with words of its own where those of the code say too little. */
export type FieldError = DoorError & { text?: string };

/** One form of a change: what it can be made with, and why it was refused. */
export class Changing {
  choices = $state.raw<EnvironmentChoices | null>(null);
  failure = $state.raw<DoorFailure | null>(null);
  busy = $state(false);
  readonly #door: Door;
  readonly #jobs: Jobs;

  constructor(api: Door = door, known: Jobs = jobs) {
    this.#door = api;
    this.#jobs = known;
  }

  async load(groupId?: string): Promise<void> {
    try {
      this.choices = await this.#door.call('Environments.Choices', groupId ? { group_id: groupId } : {});
    } catch (thrown) {
      this.failure = asFailure(thrown);
    }
  }

  /** Begins a change; null where it was refused, and `failure` says why. */
  async begin<M extends Change>(method: M, argument: Argument<M>, draft?: Draft): Promise<Execution | null> {
    this.busy = true;
    this.failure = null;
    try {
      const execution = (await this.#door.call(method, ...([argument] as never))) as Execution;
      this.#jobs.begin(execution, draft);
      return execution;
    } catch (thrown) {
      this.failure = asFailure(thrown);
      return null;
    } finally {
      this.busy = false;
    }
  }

  /** What is wrong with a field, which the form calls `label`. */
  at(field: string, label: string): FieldError | null {
    const { failure } = this;
    if (!failure) return null;
    const own = failure.fields?.[field];
    if (own) {
      const key = `ui.change.${own.code === 'parameter_required' ? 'need' : 'wrong'}_${field}`;
      const special = ['parameter_required', 'field_invalid'].includes(own.code) && i18n.has(key);
      return {
        ...own,
        params: { ...own.params, name: label },
        ...(special ? { text: i18n.t(key, own.params) } : {}),
      };
    }
    return this.#place() === field ? failure : null;
  }

  /** What is wrong with the whole; `fields` are those that the form has. */
  general(fields: string[]): DoorFailure | null {
    const { failure } = this;
    if (!failure) return null;
    const named = [...Object.keys(failure.fields ?? {}), this.#place()];
    return named.some((name) => fields.includes(name)) ? null : failure;
  }

  #place(): string {
    const { failure } = this;
    if (failure?.code === 'not_found' && failure.params?.['what'] === 'python') return 'python';
    return places[failure?.code ?? ''] ?? '';
  }
}

/** Whether a group wants an environment of its own, and what would have to be in it. */
export class Wanting {
  choices = $state.raw<EnvironmentChoices | null>(null);
  /** What its scripts import and its environment lacks, as pip calls it. */
  missing = $state.raw<string[]>([]);
  /** What conda calls those of them that it calls otherwise. */
  conda = $state.raw<Record<string, string>>({});
  readonly #door: Door;
  #turn = 0;

  constructor(api: Door = door) {
    this.#door = api;
  }

  get wants(): boolean {
    return (this.choices?.group?.requirements ?? '') !== '' || this.missing.length > 0;
  }

  /** `path` is of the environment that it runs in; '' is none. */
  async load(groupId: string, path: string): Promise<void> {
    const turn = ++this.#turn;
    try {
      const choices = await this.#door.call('Environments.Choices', { group_id: groupId });
      const scripts = path
        ? (await this.#door.call('Environments.Check', { group_id: groupId, environment: path })).scripts
        : [];
      if (turn !== this.#turn) return;
      const modules = lacks(scripts);
      const found = (scripts ?? []).flatMap((script) => script.missing ?? []);
      const wanted = modules
        .map((module) => found.find((one) => one.module === module))
        .flatMap((one) => (one && !one.standard ? [one] : []));
      this.choices = choices;
      this.missing = [...new Set(wanted.map((one) => one.package))];
      this.conda = Object.fromEntries(
        wanted.filter((one) => one.conda !== one.package).map((one) => [one.package, one.conda]),
      );
    } catch {
      // The group's page says itself what is wrong with its environment.
      if (turn === this.#turn) this.missing = [];
    }
  }
}
