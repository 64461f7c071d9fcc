import {
  asFailure,
  door,
  type DeleteResult,
  type Door,
  type DoorFailure,
  type Execution,
  type ExecutionMarks,
  type ExecutionQuery,
  type LogLine,
} from '$lib/api';
import { session } from './session.svelte';
import { isLive } from './status';

const pageSize = 50;
/** How many executions one call deletes. */
const deletedAtOnce = 200;
/** How many lines a preview has. */
const previewLines = 8;

/** The list of executions with its filters, read page by page. */
export class ExecutionsStore {
  items = $state.raw<Execution[] | null>(null);
  marks = $state.raw<Record<string, ExecutionMarks>>({});
  next = $state('');
  failure = $state.raw<DoorFailure | null>(null);
  loadingMore = $state(false);
  /** Chosen executions, by id. */
  chosen = $state.raw<ReadonlySet<string>>(new Set());
  readonly #door: Door;
  #query: ExecutionQuery = {};

  constructor(api: Door = door) {
    this.#door = api;
  }

  /** Shows what matches, and follows changes until the function that it gives back is called. */
  open(query: ExecutionQuery): () => void {
    this.#query = query;
    this.items = null;
    this.chosen = new Set();
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
      this.marks = page.marks ?? {};
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
      // One that changed meanwhile may stand behind the place where the page before ended, too.
      const known = new Set(this.items?.map(({ id }) => id));
      this.items = [...(this.items ?? []), ...(page.items ?? []).filter(({ id }) => !known.has(id))];
      this.marks = { ...this.marks, ...page.marks };
      this.next = page.next;
    } catch (thrown) {
      this.failure = asFailure(thrown);
    } finally {
      this.loadingMore = false;
    }
  }

  choose(ids: Iterable<string>): void {
    this.chosen = new Set(ids);
  }

  /** Deletes the chosen ones; what is left stays chosen. A failure is thrown. */
  async deleteChosen(): Promise<DeleteResult> {
    const ids = [...this.chosen];
    const result: Required<DeleteResult> = { deleted: [], left: [] };
    try {
      for (let i = 0; i < ids.length; i += deletedAtOnce) {
        const part = await this.#door.call('Executions.Delete', {
          execution_ids: ids.slice(i, i + deletedAtOnce),
        });
        result.deleted = [...(result.deleted ?? []), ...(part.deleted ?? [])];
        result.left = [...(result.left ?? []), ...(part.left ?? [])];
      }
    } catch (thrown) {
      throw asFailure(thrown);
    } finally {
      const gone = new Set(result.deleted);
      this.items = this.items?.filter(({ id }) => !gone.has(id)) ?? null;
      this.chosen = new Set(ids.filter((id) => !gone.has(id)));
    }
    if (this.items?.length === 0 && this.next) await this.load();
    return result;
  }

  /** The last lines of an execution's output. A failure is thrown. */
  async lastLines(id: string): Promise<LogLine[]> {
    try {
      const page = await this.#door.call('Executions.Log', {
        execution_id: id,
        from: -previewLines,
        limit: previewLines,
        streams: ['stdout', 'stderr'],
      });
      return page.lines ?? [];
    } catch (thrown) {
      throw asFailure(thrown);
    }
  }

  #take(execution: Execution): void {
    if (!this.items) return;
    if (this.items.some((item) => item.id === execution.id)) {
      this.items = this.items.map((item) => (item.id === execution.id ? execution : item));
    } else if (isLive(execution) && this.#newestFirst() && this.#matches(execution)) {
      this.items = [execution, ...this.items];
    }
  }

  /** Where else a new one belongs is not known without asking. */
  #newestFirst(): boolean {
    return !this.#query.sort && !this.#query.ascending;
  }

  #matches(execution: Execution): boolean {
    const { states, script_id, group_id, project_id, kind, user, until, ...rest } = this.#query;
    return (
      (!states || states.includes(execution.state)) &&
      (!script_id || script_id === execution.script_id) &&
      (!group_id || group_id === execution.group_id) &&
      (!project_id || project_id === execution.project_id) &&
      (!kind || kind === execution.kind) &&
      // An administrator hears of everybody's.
      (rest.all_users || (user ? user === execution.user : execution.user_id === session.user?.id)) &&
      (!until || execution.created_at < until) &&
      // What has not ended has no duration, and no marks.
      !rest.shortest &&
      !rest.longest &&
      !rest.bookmarked &&
      !rest.shared &&
      !rest.environment
    );
  }
}
