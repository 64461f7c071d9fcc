import type { Environment, EnvironmentEvent, EnvironmentMethods, EnvironmentSource } from './environments';
import type { ExecutionMethods, LogViewers } from './executions';
import type { AdministrationMethods } from './administration';
import type { AlwaysOnMethods } from './alwayson';
import type { AuditMethods } from './audit';
import type { PermissionMethods } from './permissions';
import type { SettingsMethods } from './settings';
import type { DataEvent, DataMethods } from './data';
import type { DocumentEditorMethods } from './documenteditor';
import type { LogMethods } from './logs';
import type { FindMethods } from './find';
import type { MetadataMethods } from './metadata';
import type { TagMethods } from './tags';
import type { ExecutionTemplate, TemplateMethods } from './templates';
import type { DocumentMethods } from './documents';
import type { ProjectMethods, ProjectUnsaved } from './projects';
import type { SetupMethods } from './setup';
import type { PersonSession, UserMethods } from './users';
import type { LogFind, LogFound, LogPage, LogRows, LogTracebacks, Stream } from './logview';

/** The shapes that the engine speaks: one to one the JSON of backend/domain and of the door. Times are RFC 3339 in UTC. */

export type * from './environments';
export type * from './executions';
export type * from './logview';
export type * from './administration';
export type * from './alwayson';
export type * from './audit';
export type * from './permissions';
export type * from './data';
export type * from './documenteditor';
export type * from './logs';
export type * from './find';
export type * from './metadata';
export type * from './tags';
export type * from './templates';
export type * from './settings';
export type * from './documents';
export type * from './projects';
export type * from './setup';
export type * from './users';

export type Level = 'viewer' | 'operator' | 'developer' | 'admin';
export type Language = 'en' | 'es' | 'it' | 'fr';
export type Theme = 'light' | 'dark' | 'system';
/** A text by language; show it with `i18n.text`. */
export type Text = Partial<Record<Language, string>>;

export interface DoorError {
  code: string;
  params?: Record<string, unknown>;
  fields?: Record<string, DoorError>;
}

export type State = 'queued' | 'running' | 'completed' | 'failed' | 'terminated';
export type Phase = '' | 'environment' | 'port' | 'starting' | 'ready' | 'stopping';

export interface ChangedFile {
  path: string;
  size: number;
  new: boolean;
}

/** What a queued execution waits for; `place` counts from 1. */
export interface QueuePlace {
  limit: 'max_concurrent_interfaces' | 'max_interfaces_per_user';
  value: number;
  place: number;
}

/** A limit of an execution; the unit of `value` goes with `kind`: seconds, bytes, a number. */
export interface Limit {
  kind: 'time' | 'idle' | 'memory' | 'processes' | 'cpu';
  value: number;
  source: 'script' | 'group' | 'configuration';
  /** How it is held; '' until the script runs. */
  means: '' | 'watched' | 'processors' | 'group' | 'none';
}

/** It will be ended at `ends_at`: for want of use, or as its time is over. */
export interface EndWarning {
  reason: 'idle' | 'timeout';
  ends_at: string;
  /** The limit. */
  seconds: number;
  source: Limit['source'];
}

export interface Execution {
  id: string;
  name: string;
  kind: string;
  script_id: string;
  group_id: string;
  script_name: Text;
  user_id: number;
  user: string;
  project_id: number;
  project: string;
  actor: string;
  state: State;
  phase: Phase;
  reason: string;
  reason_params?: Record<string, unknown>;
  error?: DoorError;
  exit_code: number | null;
  signal?: string;
  pid: number;
  port: number;
  url: string;
  has_page: boolean;
  environment: string;
  environment_path: string;
  fallback?: string;
  confinement: string;
  parameters: Record<string, unknown> | null;
  command?: string[];
  data_dir?: string;
  log_path?: string;
  cpu_seconds: number;
  memory_peak_bytes: number;
  lines: number;
  /** Of its log's files, when it ended. */
  log_bytes?: number;
  created_at: string;
  started_at: string | null;
  ready_at: string | null;
  ended_at: string | null;
  duration_ms: number;
  grace_ends_at?: string;
  limits?: Limit[];
  warning?: EndWarning | null;
  attachments: number;
  /** The id of the AlwaysOn for which it runs. */
  always_on?: number;
  /** What it was started from. */
  template?: ExecutionTemplate;
  /** Of a running script that tells it. */
  progress?: Progress;
  /** The script says that it should not be closed now. */
  busy?: boolean;
  queue?: QueuePlace;
  files?: ChangedFile[];
  /** What it does where it runs no script. */
  job?: Job;
}

/** What an execution of kind `environment` does, and how far it is. */
export interface Job {
  action: string;
  target: string;
  source?: string;
  progress: Progress;
  result?: Record<string, unknown>;
}

export interface Progress {
  percent_done: number;
  step: string;
  steps: Step[];
  text: string;
  files_done?: number;
  total_files?: number;
  bytes_done?: number;
  total_bytes?: number;
  throughput_bps?: number;
  eta_seconds?: number;
}

export interface Step {
  name: string;
  state: string;
}

export interface Problem {
  file: string;
  line: number;
  code: string;
  params?: Record<string, unknown>;
  warning: boolean;
}

export interface Group {
  id: string;
  name: Text;
  description: Text;
  icon: string;
  category: string;
  required_level: Level;
  environment: string;
  environment_assigned: boolean;
  execution_timeout: number;
  auto_discovery: boolean;
  problems: Problem[] | null;
  path: string;
  active: boolean;
  script_count: number;
  discovered_at: string;
}

export type ParameterType =
  | 'string'
  | 'text'
  | 'integer'
  | 'number'
  | 'boolean'
  | 'select'
  | 'multiselect'
  | 'path'
  | 'file'
  | 'directory'
  | 'date'
  | 'datetime'
  | 'color'
  | 'password'
  | 'json';

export interface Option {
  value: string;
  label?: Text;
}

export interface Parameter {
  name: string;
  type: ParameterType;
  label?: Text;
  description?: Text;
  required?: boolean;
  default?: unknown;
  options?: Option[];
  min?: number;
  max?: number;
  step?: number;
  pattern?: string;
  multiple?: boolean;
  sensitive?: boolean;
  /** Other parameter → value (or list of values) that shows this one. */
  depends_on?: Record<string, unknown>;
}

export interface Script {
  id: string;
  group_id: string;
  filename: string;
  path: string;
  name: Text;
  description: Text;
  description_long: Text;
  category: string;
  tags: string[] | null;
  required_level: Level;
  environment: string;
  environment_assigned: boolean;
  parameters: Parameter[] | null;
  interface: 'web' | 'none';
  auto_open_interface: boolean;
  requires_parameters: boolean;
  confirm_close: boolean;
  background: boolean;
  always_on: boolean;
  execution_timeout: number;
  flask_port: number;
  memory_limit: string;
  cpu_limit: string;
  network: string;
  paths: string[] | null;
  sources: Record<string, string> | null;
  problems: Problem[] | null;
  active: boolean;
  modified_at: string;
  size: number;
}

export interface User {
  id: number;
  name: string;
  display_name: string;
  email: string;
  level: Level;
  language: Language;
  theme: Theme;
  active: boolean;
  folder: string;
  created_at: string;
  last_login: string | null;
  locked_at: string | null;
  revision: number;
}

export interface Project {
  id: number;
  user_id: number;
  name: string;
  description: string;
  is_default: boolean;
  folder: string;
  created_at: string;
  last_accessed: string | null;
  archived_at: string | null;
  version: number;
}

export interface SessionState {
  setup_needed: boolean;
  /** This client may create the administrator. */
  setup_allowed: boolean;
  user: User | null;
  project: Project | null;
  language: Language;
  theme: Theme;
  client: 'desktop' | 'browser' | 'command';
  version: string;
  product: string;
  password_minimum: number;
  system_user: string;
  /** The last session here was ended since nobody used it. */
  idle?: boolean;
}

export interface GroupView extends Group {
  running: number;
  effective_environment: Environment | null;
  environment_source: EnvironmentSource;
  environment_fallback: string;
  environment_error: DoorError | null;
}

export interface ScriptView extends Script {
  may_run: boolean;
  running: number;
  last_run: Execution | null;
  group_name: Text;
}

export interface ScriptDetail {
  script: ScriptView;
  group: GroupView;
  environment: Environment | null;
  environment_source: EnvironmentSource;
  environment_fallback: string;
  environment_error: DoorError | null;
  last_parameters: Record<string, unknown> | null;
  may_run: boolean;
  why_not: DoorError | null;
  running: Execution[] | null;
  /** Languages that have a document. */
  languages: string[] | null;
  /** Of the script's page; null where it has none. */
  guard: Guard | null;
  /** The folders that the script asks for in its header. */
  paths: PathApproval[] | null;
}

/** What of the contract a script breaks, and the execution in which it was seen. */
export interface ContractReport {
  execution: Execution;
  findings: Problem[] | null;
}

export interface PathApproval {
  path: string;
  approved: boolean;
  by: string;
  at: string | null;
}

/** Whether a script's page answers to its own windows only. */
export interface Guard {
  on: boolean;
  /** '' where nobody changed it. */
  changed_by: string;
  changed_at: string | null;
}

export interface ScriptDocument {
  language: string;
  requested: string;
  fallback: boolean;
  text: string;
  path: string;
}

export interface RunRequest {
  script_id: string;
  project_id?: number;
  parameters?: Record<string, unknown>;
  /** What the values are from; without values, those of it. */
  template_id?: number;
  example?: string;
  /** Settled: never "system". */
  theme?: 'light' | 'dark';
  language?: string;
  open?: boolean;
  /** Where a limit of interfaces is reached, wait for room. */
  queue?: boolean;
}

export interface RunResult {
  execution: Execution;
  /** It ran already in this project; its window was raised. */
  existing: boolean;
  /** It was started with other values than those given now, and goes on with them. */
  ignored: boolean;
}

export interface Preview {
  command: string[];
  line: string;
}

export interface Day {
  date: string;
  completed: number;
  failed: number;
  terminated: number;
}

export interface Dashboard {
  groups: GroupView[] | null;
  running: Execution[] | null;
  recent: ScriptView[] | null;
  totals: { runs: number; completed: number; failed: number; terminated: number; last_run: string | null };
  /** 30 days, oldest first. */
  days: Day[] | null;
  system: {
    disk_free: number;
    disk_total: number;
    environments: Environment[] | null;
    root: string;
    running_all: number;
  };
  last: Execution[] | null;
  /** Projects whose automatic backup fails: one's own, for administrators everybody's. */
  unsaved: ProjectUnsaved[] | null;
}

export interface About {
  product: string;
  version: string;
  go: string;
  platform: string;
  root: string;
  licences: { name: string; version: string; licence: string }[] | null;
}

/** What this machine can enforce on scripts. */
export interface Confinement {
  policy: string;
  level: string;
  system: string;
  abi: number;
  holds: string[] | null;
  missing: string[] | null;
}

/** A live execution, without parameters and files, and what it uses with all that it started. */
export interface RunningItem {
  execution: Execution;
  /** Whether the figures are known: it runs, and answers. */
  known: boolean;
  /** Of one processor; several may be at work. */
  cpu_percent: number;
  cpu_seconds: number;
  memory_bytes: number;
  processes: number;
}

export interface PortView {
  port: number;
  state: string;
  execution_id: string;
  script_id: string;
  script_name: Text | null;
  user: string;
  project: string;
  /** 0: not known yet. */
  pid: number;
  since: string;
}

export interface RunningList {
  items: RunningItem[] | null;
  ports: PortView[] | null;
}

/** Where record and machine differed, and what was done about it. */
export interface Correction {
  kind: string;
  execution_id: string;
  script_id: string;
  user_id: number;
  port: number;
  pid: number;
}

export interface Finding {
  id: string;
  state: 'ok' | 'warning' | 'missing';
  title: string;
  text: string;
}

export type DoorEvent =
  | { seq: number; type: 'execution.changed' | 'execution.warned'; data: Execution }
  | { seq: number; type: 'execution.output'; data: { execution_id: string; lines: number } }
  | { seq: number; type: 'discovery.changed'; data: { groups: string[] | null } }
  | { seq: number; type: 'environment.changed'; data: EnvironmentEvent }
  | { seq: number; type: 'document.changed'; data: { script_id: string; language: Language } }
  | { seq: number; type: 'always_on.changed' | 'template.changed' | 'tags.changed' | 'project.shared' }
  | { seq: number; type: 'project.changed'; data: Project }
  | { seq: number; type: 'user.changed'; data: User }
  | { seq: number; type: 'session.ended' | 'session.changed' }
  | { seq: number; type: 'window.raise' | 'window.open'; data: { execution_id: string } }
  | { seq: number; type: 'system.corrected'; data: Correction }
  | { seq: number; type: 'log.viewers'; data: LogViewers }
  | { seq: number; type: 'data.changed'; data: DataEvent }
  | { seq: number; type: 'settings.changed' | 'data_use.changed' | 'system.accounts' }
  | { seq: number; type: 'missed' };

/** The methods of the door: name → [argument, result]. */
export interface Methods
  extends
    AdministrationMethods,
    AlwaysOnMethods,
    AuditMethods,
    PermissionMethods,
    SettingsMethods,
    DataMethods,
    DocumentEditorMethods,
    UserMethods,
    EnvironmentMethods,
    ExecutionMethods,
    LogMethods,
    FindMethods,
    MetadataMethods,
    TagMethods,
    TemplateMethods,
    ProjectMethods,
    DocumentMethods,
    SetupMethods {
  'Session.State': [undefined, SessionState];
  'Session.SignIn': [{ name: string; password: string }, SessionState];
  'Session.SignOut': [{ stop_running: boolean }, SessionState];
  'Session.SetPreferences': [{ language?: string; theme?: string }, SessionState];
  'Session.SetProject': [{ project_id: number }, SessionState];
  'Session.Use': [undefined, null];
  'Session.SetPassword': [{ old: string; new: string }, null];
  'Session.Sessions': [undefined, PersonSession[] | null];
  'Session.EndSessions': [{ id?: string }, null];
  'Dashboard.Get': [undefined, Dashboard];
  'Scripts.Groups': [undefined, GroupView[] | null];
  'Scripts.List': [{ group_id?: string }, ScriptView[] | null];
  'Scripts.Get': [{ script_id: string }, ScriptDetail];
  'Scripts.Document': [{ script_id: string; language: string }, ScriptDocument];
  'Scripts.ApprovePaths': [{ script_id: string; paths: string[] }, PathApproval[] | null];
  'Scripts.Refresh': [undefined, null];
  'Scripts.CheckContract': [RunRequest, ContractReport];
  'Scripts.Create': [{ group_id: string; name: string; template: string; title: string }, Script];
  'Scripts.SetGuard': [{ script_id: string; on: boolean }, Guard];
  'Executions.Run': [RunRequest, RunResult];
  'Executions.Again': [{ execution_id: string; queue?: boolean }, RunResult];
  'Executions.Preview': [RunRequest, Preview];
  'Executions.Get': [{ execution_id: string }, Execution];
  'Executions.Stop': [{ execution_id: string; now?: boolean }, Execution];
  'Executions.Log': [{ execution_id: string; from: number; limit: number; streams: Stream[] }, LogPage];
  'Executions.FindInLog': [LogFind, LogFound];
  'Executions.LogRows': [
    { execution_id: string; stream: Stream; every: number; from: number; count: number },
    LogRows,
  ];
  'Executions.LogLineAt': [{ execution_id: string; time: string }, { line: number }];
  'Executions.Tracebacks': [
    { execution_id: string; streams?: Stream[]; from: number; row: number },
    LogTracebacks,
  ];
  'Executions.KeepRunning': [{ execution_id: string }, Execution];
  'Executions.Used': [{ execution_id: string }, null];
  'Executions.Raise': [{ execution_id: string }, null];
  'Running.List': [undefined, RunningList];
  'Ports.List': [undefined, PortView[] | null];
  'Ports.End': [{ port: number; now?: boolean }, null];
  'System.About': [undefined, About];
  'System.Confinement': [undefined, Confinement];
  'System.Doctor': [undefined, Finding[] | null];
}

export type Method = keyof Methods;
export type Argument<M extends Method> = Methods[M][0];
export type Result<M extends Method> = Methods[M][1];
