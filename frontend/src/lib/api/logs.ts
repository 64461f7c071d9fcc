/** What the door says of searching in logs. */
import type { Day, Execution, Language, State, Stream, Text } from './types';

export interface LogSearch {
  query: string;
  all_users?: boolean;
  user?: string;
  script_id?: string;
  group_id?: string;
  project_id?: number;
  kind?: string;
  states?: State[];
  since?: string;
  until?: string;
  shortest?: number;
  longest?: number;
  stream?: Stream;
  bookmarked?: boolean;
  shared?: boolean;
  limit?: number;
  width?: number;
  before?: string;
}

export interface LogPart {
  text: string;
  marked?: boolean;
}

export interface LogHit {
  execution_id: string;
  script_id: string;
  name: Text;
  user: string;
  project: string;
  state: State;
  created_at: string;
  line: number;
  time: string;
  stream: Stream;
  parts: LogPart[] | null;
}

export interface LogSearchPage {
  hits: LogHit[] | null;
  next: string;
  lines: number;
  /** Executions whose logs are gone or damaged, or were cut. */
  unread?: string[];
}

export interface LogExportRequest {
  execution_ids: string[];
  format: string;
  language?: Language;
}

export interface ExportedRequest {
  execution_id: string;
  offset: number;
}

export interface ExportedPart {
  name: string;
  /** Base64. */
  data: string;
  size: number;
}

export interface LogStatisticsRequest {
  days?: number;
  all_users?: boolean;
  user?: string;
  script_id?: string;
}

/** How executions went; the rate is from 0 to 1. */
export interface RunFigures {
  executions: number;
  completed: number;
  failed: number;
  terminated: number;
  success_rate: number | null;
}

export interface ScriptFigures extends RunFigures {
  script_id: string;
  name: Text | null;
  median_ms: number;
}

export interface ProjectFigures extends RunFigures {
  project: string;
  user: string;
}

export interface DurationFigures {
  mean_ms: number;
  p50_ms: number;
  p90_ms: number;
  p99_ms: number;
}

export interface LogStatistics extends RunFigures {
  queued: number;
  running: number;
  duration: DurationFigures | null;
  scripts: ScriptFigures[] | null;
  projects: ProjectFigures[] | null;
  bytes: number;
  days: Day[] | null;
}

export interface LogUse {
  executions: number;
  bytes: number;
  bookmarked_bytes: number;
  quota_bytes: number;
  warn: boolean;
  over: boolean;
  level_days: number;
  own_days: number;
  days: number;
  largest: ScriptLogs[] | null;
}

export interface ScriptLogs {
  script_id: string;
  executions: number;
  bytes: number;
}

export interface Removed {
  executions: number;
  bytes: number;
}

export interface Cleaned {
  expired: Removed;
  over: Removed;
  compress: Removed;
  exports: number;
  job_id?: string;
}

export interface LogMethods {
  'Logs.CleanUp': [{ dry_run?: boolean }, Cleaned];
  'Logs.Use': [undefined, LogUse];
  'Logs.SetKeepDays': [{ days: number }, LogUse];
  'Logs.Search': [LogSearch, LogSearchPage];
  'Logs.Statistics': [LogStatisticsRequest, LogStatistics];
  'Logs.Export': [LogExportRequest, Execution];
  'Logs.Exported': [ExportedRequest, ExportedPart];
}
