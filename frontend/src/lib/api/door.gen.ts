// Made by build/doortypes from the Go code. Do not edit.

export interface Door {
  'AlwaysOn.Clear': { argument: AlwaysOnID; result: null };
  'AlwaysOn.List': { argument: AlwaysOnQuery; result: AlwaysOnView[] };
  'AlwaysOn.Set': { argument: AlwaysOnRequest; result: AlwaysOn };
  'Audit.Export': { argument: AuditExportRequest; result: AuditPart };
  'Audit.List': { argument: AuditRequest; result: AuditPage };
  'Audit.Verify': { argument: AuditVerifyRequest; result: Verified };
  'Audit.Words': { argument: undefined; result: AuditWords };
  'Dashboard.Get': { argument: undefined; result: DashboardView };
  'Data.Delete': { argument: DataDeleteRequest; result: Count };
  'Data.Download': { argument: DataPathsRequest; result: DataTransfer };
  'Data.DownloadPart': { argument: DataTransferRequest; result: DataDownloaded };
  'Data.FormatJSON': { argument: DataJSONRequest; result: DataJSONResult };
  'Data.Groups': { argument: DataProjectRequest; result: DataGroups };
  'Data.List': { argument: DataFolderRequest; result: DataFolderView };
  'Data.Look': { argument: DataFileRequest; result: DataFileView };
  'Data.MakeFolder': { argument: DataFileRequest; result: DataPathResult };
  'Data.Move': { argument: DataMoveRequest; result: DataPathResult };
  'Data.Read': { argument: DataReadRequest; result: DataPart };
  'Data.Save': { argument: DataSaveRequest; result: DataSaved };
  'Data.Table': { argument: DataTableRequest; result: DataTableView };
  'Data.Text': { argument: DataTextRequest; result: DataTextView };
  'Data.TransferEnd': { argument: DataTransferRequest; result: null };
  'Data.Upload': { argument: DataUploadRequest; result: DataTransfer };
  'Data.UploadEnd': { argument: DataUploadEndRequest; result: DataUploaded };
  'Data.UploadPart': { argument: DataPartRequest; result: DataReceived };
  'Data.Watch': { argument: DataWatchRequest; result: null };
  'Data.Weigh': { argument: DataPathsRequest; result: Count };
  'DataUse.Clear': { argument: ClearRequest; result: Size };
  'DataUse.Get': { argument: undefined; result: DataUse };
  'DataUse.Measure': { argument: undefined; result: DataUse };
  'Discovery.Get': { argument: undefined; result: DiscoveryStatus };
  'Discovery.Refresh': { argument: undefined; result: DiscoveryStatus };
  'DocumentEditor.AddImage': { argument: DocumentImageAdd; result: DocumentImageAdded };
  'DocumentEditor.Check': { argument: DocumentTextRequest; result: Problem[] };
  'DocumentEditor.History': { argument: DocumentRequest; result: DocumentVersion[] };
  'DocumentEditor.Open': { argument: DocumentRequest; result: DocumentSource };
  'DocumentEditor.Save': { argument: DocumentSaveRequest; result: DocumentSource };
  'DocumentEditor.Version': { argument: DocumentVersionID; result: DocumentVersionText };
  'DocumentStatus.Check': { argument: DocumentCheckRequest; result: DocumentStatus[] };
  'DocumentStatus.List': { argument: undefined; result: DocumentStatus[] };
  'Documents.Get': { argument: DocumentRequest; result: DocumentView };
  'Documents.Image': { argument: DocumentImageRequest; result: Image };
  'Documents.Preview': { argument: DocumentPreviewRequest; result: DocumentView };
  'Environments.Activation': { argument: EnvironmentRequest; result: EnvironmentActivation };
  'Environments.Assign': { argument: AssignRequest; result: Assigned };
  'Environments.Check': { argument: ImportRequest; result: ImportCheck };
  'Environments.Choices': { argument: EnvironmentChoicesRequest; result: EnvironmentChoices };
  'Environments.Clone': { argument: EnvironmentCloneRequest; result: Execution };
  'Environments.Create': { argument: EnvironmentCreateRequest; result: Execution };
  'Environments.Export': { argument: EnvironmentExportRequest; result: Execution };
  'Environments.Get': { argument: EnvironmentRequest; result: EnvironmentDetail };
  'Environments.Import': { argument: EnvironmentImportRequest; result: Execution };
  'Environments.Install': { argument: EnvironmentInstallRequest; result: Execution };
  'Environments.List': { argument: undefined; result: Environment[] };
  'Environments.Look': { argument: undefined; result: Environment[] };
  'Environments.Packages': { argument: EnvironmentRequest; result: EnvironmentPackage[] };
  'Environments.Refresh': { argument: undefined; result: Environment[] };
  'Environments.Remove': { argument: EnvironmentRemoveRequest; result: Execution };
  'Environments.Uses': { argument: undefined; result: EnvironmentUse[] };
  'Executions.Again': { argument: AgainRequest; result: RunResult };
  'Executions.Delete': { argument: DeleteRequest; result: DeleteResult };
  'Executions.DeleteFilter': { argument: FilterRequest; result: null };
  'Executions.Filters': { argument: undefined; result: SavedFilter[] };
  'Executions.FindInLog': { argument: FindRequest; result: FindResult };
  'Executions.Get': { argument: ExecutionRequest; result: Execution };
  'Executions.KeepRunning': { argument: ExecutionRequest; result: Execution };
  'Executions.List': { argument: ExecutionQuery; result: ExecutionPage };
  'Executions.Log': { argument: LogRequest; result: LogPage };
  'Executions.LogLineAt': { argument: LineAtRequest; result: LineAtResult };
  'Executions.LogRows': { argument: RowsRequest; result: RowsResult };
  'Executions.Marks': { argument: ExecutionRequest; result: ExecutionMarks };
  'Executions.Preview': { argument: RunRequest; result: CommandPreview };
  'Executions.Raise': { argument: ExecutionRequest; result: null };
  'Executions.Run': { argument: RunRequest; result: RunResult };
  'Executions.SaveFilter': { argument: SavedFilter; result: SavedFilter };
  'Executions.SetMark': { argument: MarkRequest; result: ExecutionMarks };
  'Executions.Share': { argument: ShareRequest; result: ExecutionMarks };
  'Executions.Stop': { argument: StopRequest; result: Execution };
  'Executions.Timeline': { argument: ExecutionRequest; result: TimelineView };
  'Executions.Tracebacks': { argument: TracebacksRequest; result: TracebacksResult };
  'Executions.Used': { argument: ExecutionRequest; result: null };
  'Executions.Viewing': { argument: ViewingRequest; result: ViewingResult };
  'Logs.CleanUp': { argument: LogCleanUpRequest; result: Cleaned };
  'Logs.Export': { argument: LogExportRequest; result: Execution };
  'Logs.Exported': { argument: ExportedRequest; result: ExportedPart };
  'Logs.Search': { argument: LogSearch; result: LogSearchPage };
  'Logs.SetKeepDays': { argument: LogKeepDays; result: LogUse };
  'Logs.Statistics': { argument: LogStatisticsRequest; result: LogStatistics };
  'Logs.Use': { argument: undefined; result: LogUse };
  'Metadata.Check': { argument: MetadataCheckRequest; result: MetadataChecked };
  'Metadata.Get': { argument: ScriptRequest; result: Metadata };
  'Metadata.History': { argument: MetadataHistoryRequest; result: MetadataHistoryPage };
  'Metadata.Reread': { argument: RereadRequest; result: RereadScript[] };
  'Metadata.Set': { argument: MetadataSetRequest; result: Metadata };
  'Metadata.TakeBack': { argument: MetadataTakeBackRequest; result: Metadata };
  'Permissions.Explain': { argument: ExplainRequest; result: Explained };
  'Permissions.List': { argument: undefined; result: PermissionList };
  'Permissions.Set': { argument: PermissionsRequest; result: Permission[] };
  'Ports.End': { argument: PortRequest; result: null };
  'Ports.List': { argument: undefined; result: PortView[] };
  'Projects.BackUp': { argument: ProjectRequestID; result: Execution };
  'Projects.BackupPart': { argument: ProjectBackupPartRequest; result: ExportedPart };
  'Projects.Backups': { argument: ProjectListRequest; result: ProjectBackupList };
  'Projects.Change': { argument: ChangeProjectRequest; result: Project };
  'Projects.Create': { argument: CreateProjectRequest; result: Project };
  'Projects.Delete': { argument: DeleteProjectRequest; result: null };
  'Projects.DeleteBackup': { argument: ProjectBackupRequest; result: null };
  'Projects.List': { argument: undefined; result: Project[] };
  'Projects.Overview': { argument: ProjectListRequest; result: ProjectList };
  'Projects.People': { argument: undefined; result: Person[] };
  'Projects.Preview': { argument: ProjectPreviewRequest; result: Preview };
  'Projects.Restore': { argument: ProjectRestoreRequest; result: Execution };
  'Projects.Share': { argument: ProjectShareRequest; result: ProjectShareList };
  'Projects.Unshare': { argument: ProjectShareRequest; result: ProjectShareList };
  'Projects.UploadBackup': { argument: ProjectUploadRequest; result: ProjectUploaded };
  'Running.List': { argument: undefined; result: RunningList };
  'Scripts.ApprovePaths': { argument: ApprovePathsRequest; result: PathApproval[] };
  'Scripts.CheckContract': { argument: RunRequest; result: ContractReport };
  'Scripts.Create': { argument: NewScript; result: Script };
  'Scripts.Document': { argument: DocumentRequest; result: Document };
  'Scripts.Get': { argument: ScriptRequest; result: ScriptDetail };
  'Scripts.Groups': { argument: undefined; result: GroupView[] };
  'Scripts.List': { argument: ScriptsRequest; result: ScriptView[] };
  'Scripts.Refresh': { argument: undefined; result: null };
  'Scripts.Search': { argument: ScriptSearchRequest; result: ScriptSearchResult };
  'Scripts.SetGuard': { argument: GuardRequest; result: Guard };
  'Session.EndSessions': { argument: EndSessionsRequest; result: null };
  'Session.Sessions': { argument: undefined; result: PersonSession[] };
  'Session.SetPassword': { argument: OwnPasswordRequest; result: null };
  'Session.SetPreferences': { argument: PreferencesRequest; result: SessionState };
  'Session.SetProject': { argument: ProjectRequest; result: SessionState };
  'Session.SignIn': { argument: SignInRequest; result: SessionState };
  'Session.SignInSystem': { argument: undefined; result: SessionState };
  'Session.SignOut': { argument: SignOutRequest; result: SessionState };
  'Session.State': { argument: undefined; result: SessionState };
  'Session.Use': { argument: undefined; result: null };
  'Settings.Check': { argument: SettingsSetRequest; result: SettingsSetResult };
  'Settings.History': { argument: SettingsHistoryRequest; result: SettingsHistoryPage };
  'Settings.List': { argument: undefined; result: SettingsView };
  'Settings.Restore': { argument: undefined; result: SettingsRestored };
  'Settings.Set': { argument: SettingsSetRequest; result: SettingsSetResult };
  'Settings.TakeBack': { argument: SettingsTakeBackRequest; result: SettingsSetResult };
  'Setup.CreateAdministrator': { argument: AdministratorRequest; result: SessionState };
  'Setup.KeepStep': { argument: SetupStepRequest; result: null };
  'Setup.SetBackups': { argument: SetupBackupsRequest; result: SetupState };
  'Setup.SetSamples': { argument: SetupSamplesRequest; result: SetupState };
  'Setup.SetSignIn': { argument: SetupSignInRequest; result: SetupState };
  'Setup.State': { argument: undefined; result: SetupState };
  'System.About': { argument: undefined; result: About };
  'System.Confinement': { argument: undefined; result: Confinement };
  'System.Doctor': { argument: DoctorRequest; result: Finding[] };
  'System.SupportBundle': { argument: undefined; result: SupportBundleResult };
  'SystemLogs.Export': { argument: SystemLogName; result: SystemLogFile };
  'SystemLogs.Read': { argument: SystemLogRequest; result: SystemLogPage };
  'Tags.Change': { argument: ChangeTagsRequest; result: ScriptTags };
  'Tags.List': { argument: undefined; result: TagList };
  'Tags.Of': { argument: ScriptRequest; result: ScriptTags };
  'Tags.Remove': { argument: TagRequest; result: TagChange };
  'Tags.Rename': { argument: RenameTagRequest; result: TagChange };
  'Templates.Delete': { argument: TemplateID; result: null };
  'Templates.Get': { argument: TemplateID; result: TemplateView };
  'Templates.List': { argument: TemplatesRequest; result: TemplateView[] };
  'Templates.Save': { argument: SaveTemplateRequest; result: TemplateView };
  'Users.Add': { argument: AddUserRequest; result: User };
  'Users.Data': { argument: UserRequest; result: UserData };
  'Users.Delete': { argument: DeleteUserRequest; result: DeletedUser };
  'Users.Deleted': { argument: undefined; result: DeletedUser[] };
  'Users.Edit': { argument: EditUserRequest; result: User };
  'Users.EndSessions': { argument: UserRequest; result: null };
  'Users.HandOver': { argument: HandOverRequest; result: DeletedUser };
  'Users.List': { argument: undefined; result: User[] };
  'Users.ResetData': { argument: ResetDataRequest; result: UserData };
  'Users.Sessions': { argument: UserRequest; result: PersonSession[] };
  'Users.SetPassword': { argument: PasswordRequest; result: null };
  'Users.SetSystemAccount': { argument: SystemAccountRequest; result: SystemAccountsAnswer };
  'Users.SystemAccounts': { argument: undefined; result: SystemAccountsAnswer };
  'Users.Unlock': { argument: UserRequest; result: User };
}

export interface AlwaysOnID {
  id: number;
}

export interface AlwaysOnQuery {
  script_id?: string;
}

export interface AlwaysOnView {
  id: number;
  script_id: string;
  user_id: number;
  user: string;
  project_id: number;
  project: string;
  parameters: Record<string, unknown>;
  template_id?: number;
  template?: string;
  created_at: string;
  created_by: string;
  actual: AlwaysOnActual;
  script_name: Text;
}

export interface AlwaysOnRequest {
  script_id: string;
  user_id?: number;
  project_id?: number;
  parameters?: Record<string, unknown>;
  template_id?: number;
}

export interface AlwaysOn {
  id: number;
  script_id: string;
  user_id: number;
  user: string;
  project_id: number;
  project: string;
  parameters: Record<string, unknown>;
  template_id?: number;
  template?: string;
  created_at: string;
  created_by: string;
  actual: AlwaysOnActual;
}

export interface AuditExportRequest {
  actor?: string;
  action?: string;
  text?: string;
  since?: string;
  until?: string;
  limit?: number;
  before?: number;
  format: string;
}

export interface AuditPart {
  data: string;
  next: number;
}

export interface AuditRequest {
  actor?: string;
  action?: string;
  text?: string;
  since?: string;
  until?: string;
  limit?: number;
  before?: number;
}

export interface AuditPage {
  records: AuditRecord[];
  next: number;
}

export interface AuditVerifyRequest {
  head?: string;
}

export interface Verified {
  records: number;
  head: Head;
  copied: number;
  faults: Fault[];
  more: boolean;
  parted: number;
}

export interface AuditWords {
  actors: string[];
  actions: string[];
}

export interface DashboardView {
  groups: GroupView[];
  running: Execution[];
  recent: ScriptView[];
  last: Execution[];
  totals: Totals;
  days: Day[];
  system: SystemStatus;
  unsaved: ProjectUnsaved[];
}

export interface DataDeleteRequest {
  project_id: number;
  group_id: string;
  paths: string[];
  files: number;
}

export interface Count {
  files: number;
  folders: number;
  bytes: number;
}

export interface DataPathsRequest {
  project_id: number;
  group_id: string;
  paths: string[];
}

export interface DataTransfer {
  id: string;
  name: string;
  size: number;
}

export interface DataTransferRequest {
  id: string;
}

export interface DataDownloaded {
  data: string;
  end: boolean;
  left: string[];
}

export interface DataJSONRequest {
  text: string;
}

export interface DataJSONResult {
  text: string;
  problem: DoorError | null;
}

export interface DataProjectRequest {
  project_id: number;
}

export interface DataGroups {
  groups: DataGroup[];
  rights: DataRights;
}

export interface DataFolderRequest {
  project_id: number;
  group_id: string;
  path: string;
  from: number;
  limit: number;
}

export interface DataFolderView {
  entries: DataEntry[];
  total: number;
}

export interface DataFileRequest {
  project_id: number;
  group_id: string;
  path: string;
}

export interface DataFileView {
  entry: DataEntry;
  kind: string;
  encoding: string;
  type: string;
  whole: boolean;
  exact: boolean;
  text: string;
  version: string;
  head: string;
  problem?: DoorError;
  dialect: Dialect;
}

export interface DataPathResult {
  path: string;
}

export interface DataMoveRequest {
  project_id: number;
  group_id: string;
  from: string;
  to: string;
}

export interface DataReadRequest {
  project_id: number;
  group_id: string;
  path: string;
  offset: number;
  limit: number;
  version: string;
}

export interface DataPart {
  data: string;
  size: number;
  version: string;
}

export interface DataSaveRequest {
  project_id: number;
  group_id: string;
  path: string;
  text: string;
  encoding: string;
  version: string;
  unchecked: boolean;
}

export interface DataSaved {
  entry: DataEntry;
  version: string;
}

export interface DataTableRequest {
  project_id: number;
  group_id: string;
  path: string;
  encoding: string;
  dialect: Dialect;
  from: number;
  limit: number;
}

export interface DataTableView {
  rows: string[][];
  total: number;
  partial: boolean;
}

export interface DataTextRequest {
  project_id: number;
  group_id: string;
  path: string;
  encoding: string;
  offset: number;
}

export interface DataTextView {
  text: string;
  next: number;
  size: number;
}

export interface DataUploadRequest {
  project_id: number;
  group_id: string;
  path: string;
  size: number;
  existing: string;
  version: string;
}

export interface DataUploadEndRequest {
  id: string;
  existing: string;
  version: string;
}

export interface DataUploaded {
  entry: DataEntry;
  path: string;
}

export interface DataPartRequest {
  id: string;
  offset: number;
  data: string;
}

export interface DataReceived {
  size: number;
}

export interface DataWatchRequest {
  project_id: number;
  group_id: string;
  paths: string[];
}

export interface ClearRequest {
  what: string;
  user_folder: string;
  project_folder?: string;
  confirm?: string;
}

export interface Size {
  bytes: number;
  files: number;
}

export interface DataUse {
  measuring: boolean;
  counted: number;
  measured_at: string | null;
  took_ms: number;
  failed?: string;
  projects: ProjectUse[];
  system: SystemUse[];
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
  problems: FoundProblem[];
}

export interface DocumentImageAdd {
  script_id: string;
  language: Language;
  name: string;
  data: string;
}

export interface DocumentImageAdded {
  path: string;
}

export interface DocumentTextRequest {
  script_id: string;
  language: Language;
  text: string;
}

export interface Problem {
  file: string;
  line: number;
  code: string;
  params?: Record<string, unknown>;
  warning: boolean;
}

export interface DocumentRequest {
  script_id: string;
  language: Language;
}

export interface DocumentVersion {
  id: number;
  script_id: string;
  language: Language;
  path: string;
  created_at: string;
  author: string;
  origin: number;
  hash: string;
  size: number;
}

export interface DocumentSource {
  script_id: string;
  language: Language;
  path: string;
  there: boolean;
  text: string;
  hash: string;
  encoding: string;
  languages: Record<string, string>;
  problems: Problem[];
}

export interface DocumentSaveRequest {
  script_id: string;
  language: Language;
  text: string;
  base: string;
  origin?: number;
}

export interface DocumentVersionID {
  id: number;
}

export interface DocumentVersionText {
  id: number;
  script_id: string;
  language: Language;
  path: string;
  created_at: string;
  author: string;
  origin: number;
  hash: string;
  size: number;
  text: string;
}

export interface DocumentCheckRequest {
  what?: string;
}

export interface DocumentStatus {
  script_id: string;
  name: Text;
  group_id: string;
  group_name: Text;
  languages: Record<string, string>;
  problems: Problem[];
}

export interface DocumentView {
  html: string;
  contents: Heading[];
  problems: Problem[];
  language: Language;
  requested: Language;
  fallback: boolean;
  path: string;
  languages: Language[];
}

export interface DocumentImageRequest {
  script_id: string;
  path: string;
}

export interface Image {
  type: string;
  data: string;
}

export interface DocumentPreviewRequest {
  script_id: string;
  language: Language;
  text: string;
}

export interface EnvironmentRequest {
  environment: string;
}

export interface EnvironmentActivation {
  environment: string;
  python: string;
  variables: Record<string, string>;
  unset: string[];
  path: string[];
  withheld: string[];
}

export interface AssignRequest {
  group_id?: string;
  script_id?: string;
  environment: string;
}

export interface Assigned {
  group_id?: string;
  script_id?: string;
  environment: Environment | null;
  source: string;
  fallback: string;
  error: DoorError | null;
  imports: ScriptImports[];
  import_error: DoorError | null;
}

export interface ImportRequest {
  group_id?: string;
  script_id?: string;
  environment: string;
}

export interface ImportCheck {
  environment: Environment;
  checked: number;
  scripts: ScriptImports[];
}

export interface EnvironmentChoicesRequest {
  group_id?: string;
}

export interface EnvironmentChoices {
  tools: EnvironmentTool[];
  pythons: EnvironmentPython[];
  venv_folder: string;
  group: GroupNeeds | null;
}

export interface EnvironmentCloneRequest {
  source: string;
  name: string;
  tool?: string;
  offline_folder?: string;
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
  parameters: Record<string, unknown>;
  command?: string[];
  data_dir?: string;
  log_path?: string;
  cpu_seconds: number;
  memory_peak_bytes: number;
  lines: number;
  log_bytes?: number;
  created_at: string;
  started_at: string | null;
  ready_at: string | null;
  ended_at: string | null;
  duration_ms: number;
  grace_ends_at?: string;
  limits?: Limit[];
  warning?: EndWarning;
  attachments: number;
  always_on?: number;
  template?: ExecutionTemplate;
  progress?: Progress;
  busy?: boolean;
  queue?: QueuePlace;
  files?: ChangedFile[];
  job?: Job;
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
  group_id?: string;
}

export interface EnvironmentExportRequest {
  environment: string;
  format?: string;
}

export interface EnvironmentDetail {
  id: string;
  name: string;
  path: string;
  python: string;
  kind: string;
  tool: string;
  root: string;
  python_version: string;
  flask_version: string;
  state: string;
  problem: EnvironmentProblem | null;
  size_bytes: number;
  writable_by_others: boolean;
  default: boolean;
  detected_at: string;
  verified_at: string | null;
  groups: string[];
  scripts: string[];
  running: number;
  shares_packages: boolean;
  removable: boolean;
}

export interface EnvironmentImportRequest {
  name: string;
  file: string;
  tool?: string;
  python?: string;
  offline_folder?: string;
}

export interface EnvironmentInstallRequest {
  environment: string;
  packages?: string[];
  channels?: string[];
  requirements?: string;
  offline_folder?: string;
}

export interface Environment {
  id: string;
  name: string;
  path: string;
  python: string;
  kind: string;
  tool: string;
  root: string;
  python_version: string;
  flask_version: string;
  state: string;
  problem: EnvironmentProblem | null;
  size_bytes: number;
  writable_by_others: boolean;
  default: boolean;
  detected_at: string;
  verified_at: string | null;
}

export interface EnvironmentPackage {
  name: string;
  version: string;
  build: string;
  channel: string;
  source: string;
}

export interface EnvironmentRemoveRequest {
  environment: string;
  confirm: string;
  confirm_assigned?: boolean;
}

export interface EnvironmentUse {
  path: string;
  groups: GroupReference[];
  scripts: ScriptUse[];
}

export interface AgainRequest {
  execution_id: string;
  queue?: boolean;
}

export interface RunResult {
  execution: Execution;
  existing: boolean;
  ignored: boolean;
}

export interface DeleteRequest {
  execution_ids: string[];
}

export interface DeleteResult {
  deleted: string[];
  left: LeftStanding[];
}

export interface FilterRequest {
  id: number;
}

export interface SavedFilter {
  id: number;
  name: string;
  filter: string;
}

export interface FindRequest {
  execution_id: string;
  text: string;
  case?: boolean;
  word?: boolean;
  regexp?: boolean;
  streams?: Stream[];
  from: number;
  backward?: boolean;
  limit: number;
}

export interface FindResult {
  lines: number[];
  count: number;
  next: number;
  total: number;
}

export interface ExecutionRequest {
  execution_id: string;
}

export interface ExecutionQuery {
  states?: State[];
  script_id?: string;
  group_id?: string;
  project_id?: number;
  kind?: string;
  environment?: string;
  all_users?: boolean;
  user?: string;
  since?: string;
  until?: string;
  shortest?: number;
  longest?: number;
  bookmarked?: boolean;
  shared?: boolean;
  sort?: string;
  ascending?: boolean;
  limit?: number;
  before?: string;
}

export interface ExecutionPage {
  items: Execution[];
  marks: Record<string, ExecutionMarks>;
  next: string;
}

export interface LogRequest {
  execution_id: string;
  from: number;
  limit: number;
  streams?: Stream[];
}

export interface LogPage {
  lines: LogLine[];
  next: number;
  total: number;
  ended: boolean;
}

export interface LineAtRequest {
  execution_id: string;
  time: string;
}

export interface LineAtResult {
  line: number;
}

export interface RowsRequest {
  execution_id: string;
  stream: Stream;
  every: number;
  from: number;
  count: number;
}

export interface RowsResult {
  starts: number[];
  count: number;
  next: number;
}

export interface ExecutionMarks {
  bookmarked: boolean;
  note: string;
  shared_by?: string;
  shared_at?: string;
}

export interface RunRequest {
  script_id: string;
  project_id?: number;
  parameters?: Record<string, unknown>;
  template_id?: number;
  example?: string;
  theme?: Theme;
  language?: Language;
  open?: boolean;
  queue?: boolean;
}

export interface CommandPreview {
  command: string[];
  line: string;
}

export interface MarkRequest {
  execution_id: string;
  bookmarked: boolean;
  note: string;
}

export interface ShareRequest {
  execution_id: string;
  shared: boolean;
}

export interface StopRequest {
  execution_id: string;
  now?: boolean;
}

export interface TimelineView {
  spans: TimelineSpan[];
  uses: TimelineUse[];
}

export interface TracebacksRequest {
  execution_id: string;
  streams?: Stream[];
  from: number;
  row: number;
}

export interface TracebacksResult {
  tracebacks: Traceback[];
  next: number;
  row: number;
  total: number;
  end: boolean;
}

export interface ViewingRequest {
  execution_ids: string[];
}

export interface ViewingResult {
  viewers: LogViewers[];
}

export interface LogCleanUpRequest {
  dry_run?: boolean;
}

export interface Cleaned {
  expired: Removed;
  over: Removed;
  compress: Removed;
  exports: number;
  job_id?: string;
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
  data: string;
  size: number;
}

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

export interface LogSearchPage {
  hits: LogHit[];
  next: string;
  lines: number;
  unread?: string[];
}

export interface LogKeepDays {
  days: number;
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
  largest: ScriptLogs[];
}

export interface LogStatisticsRequest {
  days?: number;
  all_users?: boolean;
  user?: string;
  script_id?: string;
}

export interface LogStatistics {
  executions: number;
  queued: number;
  running: number;
  completed: number;
  failed: number;
  terminated: number;
  success_rate: number | null;
  duration: DurationFigures | null;
  scripts: ScriptFigures[];
  projects: ProjectFigures[];
  bytes: number;
  days: Day[];
}

export interface MetadataCheckRequest {
  script_id: string;
  values: Record<string, unknown>;
}

export interface MetadataChecked {
  values: Record<string, unknown>;
}

export interface ScriptRequest {
  script_id: string;
}

export interface Metadata {
  script_id: string;
  version: number;
  changed_at: string | null;
  changed_by: string;
  active: boolean;
  fields: MetadataField[];
  problems: Problem[];
}

export interface MetadataHistoryRequest {
  script_id: string;
  before?: number;
}

export interface MetadataHistoryPage {
  changes: MetadataChange[];
  next: number;
}

export interface RereadRequest {
  group_id?: string;
  script_id?: string;
}

export interface RereadScript {
  script_id: string;
  changed: string[];
  edited: string[];
  problems: Problem[];
}

export interface MetadataSetRequest {
  script_id: string;
  values?: Record<string, unknown>;
  back?: string[];
  version?: number;
}

export interface MetadataTakeBackRequest {
  script_id: string;
  id: number;
  version?: number;
}

export interface ExplainRequest {
  user: string;
  script_id?: string;
}

export interface Explained {
  user: User;
  verdicts: Verdict[];
}

export interface PermissionList {
  permissions: Permission[];
  groups: Group[];
  scripts: Script[];
  users: User[];
}

export interface PermissionsRequest {
  changes: PermissionRequest[];
}

export interface Permission {
  group_id: string;
  script_id?: string;
  user_id?: number;
  user?: string;
  level?: Level;
  allow: boolean;
  set_by: string;
  set_at: string;
}

export interface PortRequest {
  port: number;
  now?: boolean;
}

export interface PortView {
  port: number;
  state: string;
  execution_id: string;
  script_id: string;
  script_name: Text;
  user: string;
  project: string;
  pid: number;
  since: string;
}

export interface ProjectRequestID {
  project_id: number;
}

export interface ProjectBackupPartRequest {
  backup_id: number;
  offset: number;
}

export interface ProjectListRequest {
  user?: string;
}

export interface ProjectBackupList {
  user: string;
  backups: ProjectBackupView[];
  keep: number;
  automatic: boolean;
  at: string;
  hours: number;
}

export interface ChangeProjectRequest {
  project_id: number;
  version?: number;
  name?: string;
  description?: string;
  archived?: boolean;
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

export interface CreateProjectRequest {
  name: string;
  description?: string;
}

export interface DeleteProjectRequest {
  project_id: number;
  confirm: string;
}

export interface ProjectBackupRequest {
  backup_id: number;
}

export interface ProjectList {
  user: string;
  projects: ProjectView[];
  maximum: number;
  sharing: boolean;
  shared: SharedProjectView[];
}

export interface Person {
  user: string;
  name: string;
}

export interface ProjectPreviewRequest {
  backup_id: number;
  project_id?: number;
}

export interface Preview {
  new: number;
  changed: number;
  same: number;
  here: number;
  bytes: number;
  files: PreviewFile[];
  partial: boolean;
  left_out: LeftOut[];
}

export interface ProjectRestoreRequest {
  backup_id: number;
  project_id?: number;
  new_name?: string;
  files?: string[];
  exact?: boolean;
}

export interface ProjectShareRequest {
  project_id: number;
  users: string[];
}

export interface ProjectShareList {
  shares: ProjectShare[];
}

export interface ProjectUploadRequest {
  upload_id: string;
  size: number;
  offset: number;
  data: string;
  last?: boolean;
}

export interface ProjectUploaded {
  size: number;
  backup: ProjectBackup | null;
}

export interface RunningList {
  items: RunningItem[];
  ports: PortView[];
}

export interface ApprovePathsRequest {
  script_id: string;
  paths: string[];
}

export interface PathApproval {
  path: string;
  approved: boolean;
  by: string;
  at: string | null;
}

export interface ContractReport {
  execution: Execution;
  findings: Problem[];
}

export interface NewScript {
  group_id: string;
  name: string;
  template: string;
  title: string;
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
  tags: string[];
  required_level: Level;
  environment: string;
  environment_assigned: boolean;
  parameters: Parameter[];
  interface: string;
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
  paths: string[];
  sources: Record<string, string>;
  problems: Problem[];
  active: boolean;
  modified_at: string;
  size: number;
}

export interface Document {
  language: Language;
  requested: Language;
  fallback: boolean;
  text: string;
  path: string;
}

export interface ScriptDetail {
  script: ScriptView;
  group: GroupView;
  environment: Environment | null;
  environment_source: string;
  environment_fallback: string;
  environment_error: DoorError | null;
  last_parameters: Record<string, unknown>;
  may_run: boolean;
  why_not: DoorError | null;
  running: Execution[];
  languages: Language[];
  paths: PathApproval[];
  guard: Guard | null;
}

export interface GroupView {
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
  problems: Problem[];
  path: string;
  active: boolean;
  script_count: number;
  discovered_at: string;
  running: number;
  effective_environment: Environment | null;
  environment_source: string;
  environment_fallback: string;
  environment_error: DoorError | null;
}

export interface ScriptsRequest {
  group_id?: string;
}

export interface ScriptView {
  id: string;
  group_id: string;
  filename: string;
  path: string;
  name: Text;
  description: Text;
  description_long: Text;
  category: string;
  tags: string[];
  required_level: Level;
  environment: string;
  environment_assigned: boolean;
  parameters: Parameter[];
  interface: string;
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
  paths: string[];
  sources: Record<string, string>;
  problems: Problem[];
  active: boolean;
  modified_at: string;
  size: number;
  may_run: boolean;
  running: number;
  last_run: Execution | null;
  group_name: Text;
}

export interface ScriptSearchRequest {
  text: string;
  group_id?: string;
  language?: Language;
  limit?: number;
}

export interface ScriptSearchResult {
  hits: ScriptSearchHit[];
  total: number;
}

export interface GuardRequest {
  script_id: string;
  on: boolean;
}

export interface Guard {
  on: boolean;
  changed_by: string;
  changed_at: string | null;
}

export interface EndSessionsRequest {
  id?: string;
}

export interface PersonSession {
  id: string;
  client: string;
  since: string;
  used: string;
  current: boolean;
}

export interface OwnPasswordRequest {
  old: string;
  new: string;
}

export interface PreferencesRequest {
  language?: Language;
  theme?: Theme;
}

export interface SessionState {
  setup_needed: boolean;
  setup_allowed: boolean;
  user: User | null;
  project: Project | null;
  language: Language;
  theme: Theme;
  client: string;
  version: string;
  product: string;
  password_minimum: number;
  system_user: string;
  idle?: boolean;
}

export interface ProjectRequest {
  project_id: number;
}

export interface SignInRequest {
  name: string;
  password: string;
}

export interface SignOutRequest {
  stop_running: boolean;
}

export interface SettingsSetRequest {
  values: Record<string, unknown>;
  seen?: Record<string, unknown>;
}

export interface SettingsSetResult {
  changes: SettingChange[];
  view: SettingsView;
}

export interface SettingsHistoryRequest {
  key?: string;
  limit?: number;
  before?: number;
}

export interface SettingsHistoryPage {
  changes: SettingChange[];
  next: number;
}

export interface SettingsView {
  path: string;
  refused: boolean;
  since: string | null;
  problems: Problem[];
  settings: Setting[];
}

export interface SettingsRestored {
  kept: string;
  view: SettingsView;
}

export interface SettingsTakeBackRequest {
  id: number;
  later?: boolean;
}

export interface AdministratorRequest {
  name: string;
  password: string;
  language: Language;
  theme: Theme;
}

export interface SetupStepRequest {
  step: string;
}

export interface SetupBackupsRequest {
  on: boolean;
  time: string;
  versions: number;
}

export interface SetupState {
  root: string;
  languages: Language[];
  environments: Environment[];
  groups: SetupGroup[];
  samples: Sample[];
  backups: SetupBackups;
  sign_in: SetupSignIn;
  password_minimum: number;
  step: string;
  again: boolean;
}

export interface SetupSamplesRequest {
  keep: string[];
}

export interface SetupSignInRequest {
  on: boolean;
}

export interface About {
  product: string;
  version: string;
  go: string;
  platform: string;
  root: string;
  licences: Licence[];
}

export interface Confinement {
  policy: string;
  level: string;
  system: string;
  abi: number;
  holds: string[];
  missing: string[];
}

export interface DoctorRequest {
  language?: Language;
}

export interface Finding {
  id: string;
  state: string;
  title: string;
  text: string;
}

export interface SupportBundleResult {
  name: string;
  data: string;
}

export interface SystemLogName {
  file: string;
}

export interface SystemLogFile {
  name: string;
  data: string;
}

export interface SystemLogRequest {
  file: string;
  level?: string;
  text?: string;
  before?: number;
  from?: number;
  begun?: string;
}

export interface SystemLogPage {
  lines: SystemLogLine[];
  before: number;
  end: number;
  size: number;
  begun: string;
}

export interface ChangeTagsRequest {
  script_id: string;
  add?: string[];
  remove?: string[];
}

export interface ScriptTags {
  script_id: string;
  system: string[];
  own: string[];
}

export interface TagList {
  tags: TagCount[];
  scripts: ScriptTags[];
  rules: TagRules;
}

export interface TagRequest {
  name: string;
}

export interface TagChange {
  scripts: number;
}

export interface RenameTagRequest {
  from: string;
  to: string;
}

export interface TemplateID {
  id: number;
}

export interface TemplateView {
  id: number;
  script_id: string;
  user_id: number;
  user: string;
  name: string;
  title?: Text;
  example?: string;
  shared: boolean;
  parameters: Record<string, unknown>;
  version: number;
  created_at: string;
  updated_at: string;
  updated_by: string;
  problems?: Problem[];
  script_name: Text;
  own: boolean;
  may_edit: boolean;
  unfit?: Record<string, DoorError | null>;
  uses: TemplateUse[];
  other_uses: number;
}

export interface TemplatesRequest {
  script_id?: string;
  user?: string;
}

export interface SaveTemplateRequest {
  id?: number;
  version?: number;
  script_id?: string;
  name: string;
  shared?: boolean;
  parameters?: Record<string, unknown>;
}

export interface AddUserRequest {
  name: string;
  password: string;
  level: string;
  display_name?: string;
  email?: string;
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

export interface UserRequest {
  user_id: number;
}

export interface UserData {
  projects: UserProject[];
  files: number;
  bytes: number;
  partial: boolean;
  executions: number;
  backups: number;
  backup_bytes: number;
  log_bytes: number;
  running: number;
}

export interface DeleteUserRequest {
  user_id: number;
  confirm: string;
  data: string;
  to_user_id?: number;
}

export interface DeletedUser {
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
  deleted_at: string;
  data: string;
  to: string;
}

export interface EditUserRequest {
  user_id: number;
  revision?: number;
  display_name?: string;
  email?: string;
  level?: string;
  active?: boolean;
  password?: string;
}

export interface HandOverRequest {
  user_id: number;
  confirm: string;
  to_user_id: number;
}

export interface ResetDataRequest {
  user_id: number;
  confirm: string;
}

export interface PasswordRequest {
  user_id: number;
  password: string;
}

export interface SystemAccountRequest {
  account?: string;
  user_id: number;
}

export interface SystemAccountsAnswer {
  on: boolean;
  here: Account;
  set: SystemAccount[];
}

export interface OutputEvent {
  execution_id: string;
  lines: number;
}

export interface DiscoveryEvent {
  groups: string[];
}

export interface EnvironmentEvent {
  added: string[];
  removed: string[];
  changed: string[];
}

export interface RaiseEvent {
  execution_id: string;
}

export interface Correction {
  kind: string;
  execution_id: string;
  script_id: string;
  user_id: number;
  port: number;
  pid: number;
}

export interface DataEvent {
  project_id: number;
  group_id: string;
  paths: string[];
}

export interface AlwaysOnActual {
  state: string;
  execution_id: string;
  failures: number;
  last_id: string;
  last_reason: string;
  last_params?: Record<string, unknown>;
  last_error?: DoorError;
  next_try: string | null;
  why?: DoorError;
}

export interface AuditRecord {
  id: number;
  at: string;
  actor_kind: string;
  user_id?: number;
  actor: string;
  actor_level?: Level;
  action: string;
  object: string;
  before?: unknown;
  after?: unknown;
  hash: string;
}

export interface Head {
  records: number;
  hash: string;
}

export interface Fault {
  kind: string;
  from: number;
  to: number;
  file?: string;
}

export interface Totals {
  runs: number;
  completed: number;
  failed: number;
  terminated: number;
  last_run: string | null;
}

export interface Day {
  date: string;
  completed: number;
  failed: number;
  terminated: number;
}

export interface SystemStatus {
  disk_free: number;
  disk_total: number;
  environments: Environment[];
  root: string;
  running_all: number;
}

export interface ProjectUnsaved {
  project_id: number;
  project: string;
  user_id: number;
  user: string;
  since: string;
  at: string;
  execution_id: string;
  error: DoorError | null;
  reason: string;
  reason_params: Record<string, unknown>;
}

export interface DoorError {
  code: string;
  params?: Record<string, unknown>;
  fields?: Record<string, DoorError | null>;
}

export interface DataGroup {
  group_id: string;
  name: Text;
  used: boolean;
  known: boolean;
}

export interface DataRights {
  read: boolean;
  write: boolean;
  foreign: boolean;
  shared: boolean;
  owner: string;
  project: string;
}

export interface DataEntry {
  name: string;
  kind: string;
  size: number;
  modified_at: string;
  version: string;
  target?: string;
  odd?: string;
}

export interface Dialect {
  delimiter: string;
  quote: string;
  header: boolean;
}

export interface ProjectUse {
  user_id: number;
  user: string;
  deleted: boolean;
  project_id: number;
  project: string;
  user_folder: string;
  project_folder: string;
  data: Size;
  logs: Size;
  backups: Size;
  caches: Size;
}

export interface SystemUse {
  what: string;
  bytes: number;
  files: number;
}

export interface FoundProblem {
  file: string;
  line: number;
  code: string;
  params?: Record<string, unknown>;
  warning: boolean;
  group_id: string;
  script_id: string;
}

export type Language = 'en' | 'es' | 'it' | 'fr';

export type Text = Partial<Record<Language, string>>;

export interface Heading {
  level: number;
  id: string;
  text: string;
  line: number;
}

export interface ScriptImports {
  script_id: string;
  script_name: Text;
  missing: MissingModule[];
  problem: ImportProblem | null;
}

export interface EnvironmentTool {
  name: string;
  path: string;
  folder: string;
}

export interface EnvironmentPython {
  path: string;
  version: string;
  environment: string;
}

export interface GroupNeeds {
  group_id: string;
  name: string;
  requirements: string;
  lines: string[];
  packages: string[];
  offline_folder: string;
}

export type State = 'queued' | 'running' | 'completed' | 'failed' | 'terminated';

export type Phase = 'environment' | 'port' | 'starting' | 'ready' | 'stopping' | '';

export interface Limit {
  kind: string;
  value: number;
  source: string;
  means: string;
}

export interface EndWarning {
  reason: string;
  ends_at: string;
  seconds: number;
  source: string;
}

export interface ExecutionTemplate {
  id?: number;
  example?: string;
  name: string;
  changed: boolean;
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

export interface QueuePlace {
  limit: string;
  value: number;
  place: number;
}

export interface ChangedFile {
  path: string;
  size: number;
  new: boolean;
}

export interface Job {
  action: string;
  target: string;
  source?: string;
  progress: Progress;
  result?: Record<string, unknown>;
}

export interface EnvironmentProblem {
  code: string;
  params?: Record<string, unknown>;
  detail?: string;
}

export interface GroupReference {
  id: string;
  name: Text;
  icon: string;
  unusable: boolean;
}

export interface ScriptUse {
  id: string;
  name: Text;
  group_name: Text;
  unusable: boolean;
}

export interface LeftStanding {
  execution_id: string;
  error: DoorError | null;
}

export type Stream = 'stdout' | 'stderr' | 'debug';

export interface LogLine {
  seq: number;
  time: string;
  stream: Stream;
  text: string;
  open?: boolean;
  cut?: boolean;
}

export type Theme = 'light' | 'dark' | 'system';

export interface TimelineSpan {
  phase: string;
  from: string;
  to: string | null;
}

export interface TimelineUse {
  at: string;
  cpu_percent: number;
  memory_bytes: number;
  processes: number;
}

export interface Traceback {
  first: number;
  parts: TracebackRows[];
  said: number;
  place: string;
}

export interface LogViewers {
  execution_id: string;
  viewers: number;
}

export interface Removed {
  executions: number;
  bytes: number;
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
  parts: LogPart[];
}

export interface ScriptLogs {
  script_id: string;
  executions: number;
  bytes: number;
}

export interface DurationFigures {
  mean_ms: number;
  p50_ms: number;
  p90_ms: number;
  p99_ms: number;
}

export interface ScriptFigures {
  script_id: string;
  name: Text;
  executions: number;
  completed: number;
  failed: number;
  terminated: number;
  success_rate: number | null;
  median_ms: number;
}

export interface ProjectFigures {
  project: string;
  user: string;
  executions: number;
  completed: number;
  failed: number;
  terminated: number;
  success_rate: number | null;
}

export interface MetadataField {
  field: string;
  source: string;
  value: unknown;
  layers: MetadataLayer[];
  edited_at: string | null;
  edited_by: string;
}

export interface MetadataChange {
  id: number;
  script_id: string;
  at: string;
  actor_kind: string;
  user_id?: number;
  actor: string;
  takes_back?: number;
  fields: MetadataFieldChange[];
}

export interface Verdict {
  script_id: string;
  see: boolean;
  run: boolean;
  reason: string;
  permission?: Permission;
  required_level: Level;
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
  problems: Problem[];
  path: string;
  active: boolean;
  script_count: number;
  discovered_at: string;
}

export interface PermissionRequest {
  group_id?: string;
  script_id?: string;
  user?: string;
  level?: string;
  effect: string;
}

export type Level = 'viewer' | 'operator' | 'developer' | 'admin';

export interface ProjectBackupView {
  id: number;
  user_id: number;
  project_id: number;
  project: string;
  file: string;
  created_at: string;
  made_by: string;
  reason: string;
  size: number;
  files: number;
  bytes: number;
  left_out: number;
  unsteady: number;
  sha256: string;
  verified_at: string;
  missing: boolean;
}

export interface ProjectView {
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
  groups: ProjectGroup[];
  files: number;
  bytes: number;
  partial: boolean;
  running: number;
  always_on: number;
  job_id: string;
  unsaved: ProjectUnsaved | null;
  shares: ProjectShare[];
}

export interface SharedProjectView {
  id: number;
  name: string;
  description: string;
  owner: string;
  owner_name: string;
  archived: boolean;
  shared_at: string;
  groups: ProjectGroup[];
  files: number;
  bytes: number;
  partial: boolean;
}

export interface PreviewFile {
  name: string;
  path: string;
  state: string;
  size: number;
}

export interface LeftOut {
  path: string;
  why: string;
}

export interface ProjectShare {
  user_id: number;
  user: string;
  name: string;
  active: boolean;
  shared_at: string;
}

export interface ProjectBackup {
  id: number;
  user_id: number;
  project_id: number;
  project: string;
  file: string;
  created_at: string;
  made_by: string;
  reason: string;
  size: number;
  files: number;
  bytes: number;
  left_out: number;
  unsteady: number;
  sha256: string;
  verified_at: string;
}

export interface RunningItem {
  execution: Execution;
  known: boolean;
  cpu_percent: number;
  cpu_seconds: number;
  memory_bytes: number;
  processes: number;
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
  depends_on?: Record<string, unknown>;
}

export interface ScriptSearchHit {
  script_id: string;
  group_id: string;
  group_name: Text;
  name: Part[];
  matches: Match[];
}

export interface SettingChange {
  id: number;
  batch: number;
  at: string;
  actor_kind: string;
  user_id?: number;
  actor: string;
  source: string;
  key: string;
  before: unknown;
  after: unknown;
}

export interface Setting {
  name: string;
  section: string;
  text: string;
  kind: string;
  default: unknown;
  allowed: string;
  options?: string[];
  min?: number;
  max?: number;
  unit?: string;
  effect: string;
  variables: string[];
  value: unknown;
  file: unknown;
  source: string;
  variable?: string;
  started?: unknown;
}

export interface SetupGroup {
  id: string;
  name: Text;
  scripts: number;
}

export interface Sample {
  id: string;
  name: Text;
  description: Text;
  scripts: number;
  state: string;
}

export interface SetupBackups {
  on: boolean;
  time: string;
  versions: number;
  folder: string;
}

export interface SetupSignIn {
  offered: boolean;
  account: string;
  on: boolean;
  user: string;
}

export interface Licence {
  name: string;
  version: string;
  licence: string;
}

export interface SystemLogLine {
  offset: number;
  time: string;
  level: string;
  message: string;
  more?: Record<string, unknown>;
}

export interface TagCount {
  name: string;
  system: number;
  own: number;
  scripts: number;
}

export interface TagRules {
  maximum_tags: number;
  maximum_length: number;
  any_characters: boolean;
  suggestions: boolean;
}

export interface TemplateUse {
  id: number;
  user: string;
  project: string;
}

export interface UserProject {
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
  files: number;
  bytes: number;
}

export interface Account {
  id: string;
  name: string;
}

export interface SystemAccount {
  account: string;
  name: string;
  user_id: number;
  user: string;
  set_by: string;
  set_at: string;
}

export interface MissingModule {
  module: string;
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

export interface Step {
  name: string;
  state: string;
}

export interface TracebackRows {
  row: number;
  count: number;
}

export interface LogPart {
  text: string;
  marked?: boolean;
}

export interface MetadataLayer {
  source: string;
  value: unknown;
}

export interface MetadataFieldChange {
  field: string;
  before: unknown;
  before_source: string;
  after: unknown;
  after_source: string;
}

export interface ProjectGroup {
  group_id: string;
  name: Text;
  folder: string;
  files: number;
  bytes: number;
  partial: boolean;
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

export interface Part {
  text: string;
  hit: boolean;
}

export interface Match {
  field: string;
  language: Language;
  parts: Part[];
}
