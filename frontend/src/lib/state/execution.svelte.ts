import { asFailure, door, type Attachment, type Door, type DoorFailure, type Execution } from '$lib/api';

const usedEvery = 5000;

/** One execution, followed while it is shown. */
export class ExecutionStore {
  execution = $state.raw<Execution | null>(null);
  failure = $state.raw<DoorFailure | null>(null);
  /** Counts how often someone asked that this execution's window come to the front. */
  raised = $state(0);
  confirmClose = $state(false);
  readonly #door: Door;
  #id = '';
  #told = -usedEvery;
  // Counts the events about it: what was asked for before one is older than it.
  #changes = 0;

  constructor(api: Door = door) {
    this.#door = api;
  }

  open(id: string): () => void {
    this.#id = id;
    this.execution = null;
    void this.load();
    return this.#door.listen((event) => {
      if (event.type === 'missed') void this.load();
      else if (event.type === 'execution.changed' && event.data.id === id) {
        this.#changes += 1;
        this.execution = this.#merge(event.data, this.execution);
      } else if (event.type === 'window.raise' && event.data.execution_id === id) this.raised += 1;
    });
  }

  /** Shows the execution as its window: while that stands, the script runs. */
  attach(id: string): () => void {
    const attachment: Attachment = this.#door.attach(id);
    return () => attachment.close();
  }

  /** Tells that a person does something in its window, not more often than is worth telling. */
  used(): void {
    if (!this.execution?.limits?.some(({ kind }) => kind === 'idle')) return;
    const now = Date.now();
    if (now - this.#told < usedEvery) return;
    this.#told = now;
    // Where it fails, the execution has ended or the connection's banner says why.
    this.#door.call('Executions.Used', { execution_id: this.#id }).catch(() => undefined);
  }

  async load(): Promise<void> {
    const id = this.#id;
    const changes = this.#changes;
    try {
      const execution = await this.#door.call('Executions.Get', { execution_id: id });
      if (id !== this.#id) return;
      const newer = changes === this.#changes ? null : this.execution;
      this.execution = newer ? this.#merge(newer, execution) : execution;
      this.failure = null;
    } catch (thrown) {
      if (id === this.#id) this.failure = asFailure(thrown);
    }
  }

  /** Learns whether the script wants to be asked before its window closes. */
  async loadConfirmClose(scriptId: string): Promise<void> {
    try {
      this.confirmClose = (
        await this.#door.call('Scripts.Get', { script_id: scriptId })
      ).script.confirm_close;
    } catch {
      this.confirmClose = false;
    }
  }

  // An event may leave out what only Executions.Get collects.
  #merge(changed: Execution, before: Execution | null): Execution {
    if (!before) return changed;
    return {
      ...changed,
      files: changed.files ?? before.files,
      command: changed.command ?? before.command,
      data_dir: changed.data_dir ?? before.data_dir,
      log_path: changed.log_path ?? before.log_path,
    };
  }
}
