import { asFailure, door, type Door, type DoorFailure, type Execution, type ExecutionQuery } from '$lib/api';
import { isLive } from './status';

const pageSize = 50;

/** The list of executions with its filters, read page by page from the newest on. */
export class ExecutionsStore {
  items = $state.raw<Execution[] | null>(null);
  next = $state('');
  failure = $state.raw<DoorFailure | null>(null);
  loadingMore = $state(false);
  readonly #door: Door;
  #query: ExecutionQuery = {};

  constructor(api: Door = door) {
    this.#door = api;
  }

  /** Shows what matches, and follows changes until the function that it gives back is called. */
  open(query: ExecutionQuery): () => void {
    this.#query = query;
    this.items = null;
    void this.load();
    return this.#door.listen((event) => {
      if (event.type === 'missed') void this.load();
      else if (event.type === 'execution.changed') this.#take(event.data);
    });
  }

  async load(): Promise<void> {
    const query = this.#query;
    try {
      const page = await this.#door.call('Executions.List', { ...query, limit: pageSize });
      if (query !== this.#query) return;
      this.items = page.items ?? [];
      this.next = page.next;
      this.failure = null;
    } catch (thrown) {
      if (query === this.#query) this.failure = asFailure(thrown);
    }
  }

  async more(): Promise<void> {
    if (!this.next || this.loadingMore) return;
    const query = this.#query;
    this.loadingMore = true;
    try {
      const page = await this.#door.call('Executions.List', { ...query, limit: pageSize, before: this.next });
      if (query !== this.#query) return;
      this.items = [...(this.items ?? []), ...(page.items ?? [])];
      this.next = page.next;
    } catch (thrown) {
      this.failure = asFailure(thrown);
    } finally {
      this.loadingMore = false;
    }
  }

  #take(execution: Execution): void {
    if (!this.items) return;
    if (this.items.some((item) => item.id === execution.id)) {
      this.items = this.items.map((item) => (item.id === execution.id ? execution : item));
    } else if (isLive(execution) && this.#matches(execution)) {
      this.items = [execution, ...this.items];
    }
  }

  #matches(execution: Execution): boolean {
    const { states, script_id, group_id, project_id } = this.#query;
    return (
      (!states || states.includes(execution.state)) &&
      (!script_id || script_id === execution.script_id) &&
      (!group_id || group_id === execution.group_id) &&
      (!project_id || project_id === execution.project_id)
    );
  }
}
