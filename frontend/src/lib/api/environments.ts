/** What the door says of environments. */
import type { DoorError, Execution, Text } from './types';

/** What is wrong with an environment; the text is `environment.problem.<code>`. */
export interface EnvironmentProblem {
  code: string;
  params?: Record<string, unknown>;
  /** The program's or the system's own words. */
  detail?: string;
}

export interface Environment {
  id: string;
  name: string;
  path: string;
  python: string;
  kind: 'conda' | 'venv' | 'system';
  /** The program that owns it: "conda", "micromamba", "pixi"; "" for venvs and system Pythons. */
  tool: string;
  /** The conda installation that owns it; "" is none or unknown. */
  root: string;
  python_version: string;
  flask_version: string;
  state: 'ok' | 'no_python' | 'broken' | 'interrupted' | 'no_flask';
  /** null where the state is ok. */
  problem: EnvironmentProblem | null;
  /** 0 is not measured. */
  size_bytes: number;
  /** People other than its owner may change what runs in it. */
  writable_by_others: boolean;
  default: boolean;
  detected_at: string;
  verified_at: string | null;
}

export interface EnvironmentDetail extends Environment {
  /** Ids of the groups whose scripts run in it. */
  groups: string[];
  /** Ids of the scripts that have it as their own. */
  scripts: string[];
  /** How many executions run in it now, of whomever. */
  running: number;
  /** It is a venv that sees the packages of the Python that it was made from. */
  shares_packages: boolean;
  /** Whether it may be removed here, once nothing runs in it. */
  removable: boolean;
}

export interface EnvironmentPackage {
  name: string;
  version: string;
  build: string;
  channel: string;
  source: 'conda' | 'pip';
}

/** What activating an environment changes in the variables that scripts inherit. */
export interface EnvironmentActivation {
  environment: string;
  python: string;
  variables: Record<string, string>;
  unset: string[];
  path: string[];
  /** What the application was started with and scripts do not get. */
  withheld: string[];
}

/** Where the environment of a run is said. */
export type EnvironmentSource = 'script' | 'group' | 'default';

export interface EnvironmentUse {
  path: string;
  groups: GroupReference[] | null;
  /** Those that say one of their own. */
  scripts: ScriptUse[] | null;
}

export interface GroupReference {
  id: string;
  name: Text;
  icon: string;
  /** The environment is wanted and its scripts cannot run in it: they fail, or another one takes its place. */
  unusable: boolean;
}

export interface ScriptUse {
  id: string;
  name: Text;
  group_name: Text;
  unusable: boolean;
}

export interface MissingModule {
  module: string;
  /** What to install to get it, as PyPI and as conda call it. */
  package: string;
  conda: string;
  file: string;
  line: number;
  optional: boolean;
  standard: boolean;
}

export interface ImportProblem {
  kind: string;
  file: string;
  line: number;
  detail: string;
}

export interface ScriptImports {
  script_id: string;
  script_name: Text;
  missing: MissingModule[] | null;
  problem: ImportProblem | null;
}

/** Names a group or a script, and an environment by path or name. */
export interface ImportRequest {
  group_id?: string;
  script_id?: string;
  environment: string;
}

export interface ImportCheck {
  environment: Environment;
  checked: number;
  /** Those of which there is something to say. */
  scripts: ScriptImports[] | null;
}

export interface Assigned {
  group_id?: string;
  script_id?: string;
  environment: Environment | null;
  source: string;
  fallback: string;
  error: DoorError | null;
  imports: ScriptImports[] | null;
  import_error: DoorError | null;
}

export interface EnvironmentCreateRequest {
  name: string;
  kind?: string;
  tool?: string;
  python?: string;
  packages?: string[];
  channels?: string[];
  requirements?: string;
  offline_folder?: string;
  /** The group that it is for: what it needs is put in where it is not said, and it runs in it once it is whole. */
  group_id?: string;
}

export interface EnvironmentTool {
  name: 'conda' | 'mamba' | 'micromamba';
  path: string;
  /** Where new environments go. */
  folder: string;
}

export interface EnvironmentPython {
  path: string;
  /** "" is not known. */
  version: string;
  /** The name of the environment that it is of. */
  environment: string;
}

export interface GroupNeeds {
  group_id: string;
  /** A name that is free. */
  name: string;
  /** Path of its requirements.txt, "" where there is none. */
  requirements: string;
  /** What stands in it. */
  lines: string[] | null;
  /** What is needed beside that. */
  packages: string[] | null;
  /** Its folder "wheels", "" where there is none. */
  offline_folder: string;
}

/** What an environment can be made with; the first is taken where none is named. */
export interface EnvironmentChoices {
  tools: EnvironmentTool[] | null;
  pythons: EnvironmentPython[] | null;
  venv_folder: string;
  group: GroupNeeds | null;
}

export interface EnvironmentImportRequest {
  name: string;
  file: string;
  tool?: string;
  python?: string;
  offline_folder?: string;
}

export interface EnvironmentCloneRequest {
  source: string;
  name: string;
  tool?: string;
  offline_folder?: string;
}

export interface EnvironmentInstallRequest {
  environment: string;
  packages?: string[];
  channels?: string[];
  requirements?: string;
  offline_folder?: string;
}

export interface EnvironmentExportRequest {
  environment: string;
  format?: string;
}

export interface EnvironmentRemoveRequest {
  environment: string;
  confirm: string;
  /** Goes on where groups or scripts are to run in it. */
  confirm_assigned?: boolean;
}

export interface EnvironmentMethods {
  'Environments.List': [undefined, Environment[] | null];
  'Environments.Look': [undefined, Environment[] | null];
  /** As Look, and waits for those that gave no answer the last time. */
  'Environments.Refresh': [undefined, Environment[] | null];
  /** By path, or by a name that only one has. */
  'Environments.Get': [{ environment: string }, EnvironmentDetail];
  'Environments.Packages': [{ environment: string }, EnvironmentPackage[] | null];
  'Environments.Activation': [{ environment: string }, EnvironmentActivation];
  'Environments.Uses': [undefined, EnvironmentUse[] | null];
  'Environments.Check': [ImportRequest, ImportCheck];
  /** An environment of "" takes it back. */
  'Environments.Assign': [ImportRequest, Assigned];
  'Environments.Choices': [{ group_id?: string }, EnvironmentChoices];
  'Environments.Create': [EnvironmentCreateRequest, Execution];
  'Environments.Import': [EnvironmentImportRequest, Execution];
  'Environments.Clone': [EnvironmentCloneRequest, Execution];
  'Environments.Install': [EnvironmentInstallRequest, Execution];
  'Environments.Export': [EnvironmentExportRequest, Execution];
  'Environments.Remove': [EnvironmentRemoveRequest, Execution];
}

/** Paths of the environments that are new, gone or different. */
export interface EnvironmentEvent {
  added: string[] | null;
  removed: string[] | null;
  changed: string[] | null;
}
