/** What the door says to administrators of the installation: what it takes, what was found in its folders, its own logs. */
import type { Language, Problem, Text } from './types';

export interface Size {
  bytes: number;
  files: number;
}

export interface ProjectUse {
  user_id: number;
  user: string;
  /** The account is deleted. */
  deleted: boolean;
  project_id: number;
  /** '' is what is of no project. */
  project: string;
  user_folder: string;
  project_folder: string;
  data: Size;
  /** `files` are executions. */
  logs: Size;
  backups: Size;
  caches: Size;
}

export interface SystemUse extends Size {
  what: string;
}

export interface DataUse {
  measuring: boolean;
  counted: number;
  measured_at: string | null;
  took_ms: number;
  failed?: string;
  projects: ProjectUse[] | null;
  system: SystemUse[] | null;
}

export interface ClearRequest {
  what: string;
  user_folder: string;
  project_folder?: string;
  confirm?: string;
}

export interface FoundProblem extends Problem {
  group_id: string;
  script_id: string;
}

export interface DiscoveryStatus {
  scanning: boolean;
  looked: number;
  of: number;
  scanned_at: string;
  took_ms: number;
  changed_at: string;
  folder: string;
  groups: number;
  scripts: number;
  problems: FoundProblem[] | null;
}

export type DocumentState = 'there' | 'missing' | 'old';

export interface DocumentStatus {
  script_id: string;
  name: Text;
  group_id: string;
  group_name: Text;
  languages: Record<Language, DocumentState>;
  /** Their files are relative to the group's folder. */
  problems: Problem[] | null;
}

export interface SystemLogRequest {
  file: string;
  level?: string;
  text?: string;
  before?: number;
  from?: number;
  begun?: string;
}

export interface SystemLogLine {
  offset: number;
  time: string;
  level: string;
  message: string;
  more?: Record<string, unknown>;
}

export interface SystemLogPage {
  lines: SystemLogLine[] | null;
  before: number;
  end: number;
  size: number;
  begun: string;
}

export interface SystemLogFile {
  name: string;
  /** Base64. */
  data: string;
}

export interface AdministrationMethods {
  'DataUse.Get': [undefined, DataUse];
  'DataUse.Measure': [undefined, DataUse];
  'DataUse.Clear': [ClearRequest, Size];
  'Discovery.Get': [undefined, DiscoveryStatus];
  'Discovery.Refresh': [undefined, DiscoveryStatus];
  'DocumentStatus.List': [undefined, DocumentStatus[] | null];
  'DocumentStatus.Check': [{ what?: string }, DocumentStatus[] | null];
  'SystemLogs.Read': [SystemLogRequest, SystemLogPage];
  'SystemLogs.Export': [{ file: string }, SystemLogFile];
}
