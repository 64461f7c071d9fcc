/** What the door says of lists of executions and of what a person keeps of them. */
import type { DoorError, Execution, State } from './types';

export type ExecutionSort = '' | 'state' | 'script' | 'duration' | 'project' | 'user' | 'reason';

export interface ExecutionQuery {
  states?: State[];
  script_id?: string;
  group_id?: string;
  project_id?: number;
  kind?: string;
  /** The environment's path. */
  environment?: string;
  all_users?: boolean;
  user?: string;
  since?: string;
  until?: string;
  /** Seconds. */
  shortest?: number;
  longest?: number;
  bookmarked?: boolean;
  shared?: boolean;
  /** '': by when it began. */
  sort?: ExecutionSort;
  ascending?: boolean;
  limit?: number;
  before?: string;
}

export interface ExecutionMarks {
  bookmarked: boolean;
  note: string;
  shared_by?: string;
  shared_at?: string | null;
}

export interface ExecutionPage {
  items: Execution[] | null;
  /** By execution; one of which there is nothing to say is not in it. */
  marks: Record<string, ExecutionMarks> | null;
  /** '' when there are no more. */
  next: string;
}

export interface SavedFilter {
  id: number;
  name: string;
  /** As in the page's address. */
  filter: string;
}

export interface LeftStanding {
  execution_id: string;
  error: DoorError | null;
}

export interface DeleteResult {
  deleted: string[] | null;
  left: LeftStanding[] | null;
}

export interface TimelineSpan {
  phase: 'queued' | 'environment' | 'port' | 'start' | 'page' | 'running' | 'ending';
  from: string;
  /** null: it still is. */
  to: string | null;
}

export interface TimelineUse {
  at: string;
  /** Of one processor; several may be at work. */
  cpu_percent: number;
  memory_bytes: number;
  processes: number;
}

export interface Timeline {
  spans: TimelineSpan[] | null;
  uses: TimelineUse[] | null;
}

/** How many have an execution's log open. */
export interface LogViewers {
  execution_id: string;
  viewers: number;
}

export interface ExecutionMethods {
  'Executions.Viewing': [{ execution_ids: string[] }, { viewers: LogViewers[] | null }];
  'Executions.Timeline': [{ execution_id: string }, Timeline];
  'Executions.List': [ExecutionQuery, ExecutionPage];
  'Executions.Marks': [{ execution_id: string }, ExecutionMarks];
  'Executions.SetMark': [{ execution_id: string; bookmarked: boolean; note: string }, ExecutionMarks];
  'Executions.Share': [{ execution_id: string; shared: boolean }, ExecutionMarks];
  'Executions.Delete': [{ execution_ids: string[] }, DeleteResult];
  'Executions.Filters': [undefined, SavedFilter[] | null];
  'Executions.SaveFilter': [SavedFilter, SavedFilter];
  'Executions.DeleteFilter': [{ id: number }, null];
}
