/** What the door says of searching in logs. */
import type { Execution, Language, State, Stream, Text } from './types';

export interface LogSearch {
  query: string;
  all_users?: boolean;
  user?: string;
  script_id?: string;
  group_id?: string;
  project_id?: number;
  states?: State[];
  since?: string;
  until?: string;
  shortest?: number;
  longest?: number;
  stream?: Stream;
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
}

export interface LogExport {
  execution_ids: string[];
  format: string;
  language?: Language;
}

/** A part of a file that was exported, in base64. */
export interface ExportedPart {
  name: string;
  data: string;
  size: number;
}

export interface LogMethods {
  'Logs.Export': [LogExport, Execution];
  'Logs.Exported': [{ execution_id: string; offset: number }, ExportedPart];
  'Logs.Search': [LogSearch, LogSearchPage];
}
