/** Held by the type checker: what types.ts says of the door is what the Go code has (door.gen.ts). It runs nothing. */
import type * as Go from './door.gen';
import type * as Here from './types';

type Same<A, B> = [Exclude<keyof A, keyof B>, Exclude<keyof B, keyof A>] extends [never, never]
  ? true
  : false;
type Named<A, B> = [Exclude<A, B>, Exclude<B, A>] extends [never, never] ? true : false;
type NoArgument<M extends keyof Here.Methods> = Here.Methods[M][0] extends undefined ? true : false;

type Checks = [
  Same<Go.Door, Here.Methods>,
  Same<Go.About, Here.About>,
  Same<Go.AlwaysOn, Here.AlwaysOn>,
  Same<Go.AlwaysOnActual, Here.AlwaysOnActual>,
  Same<Go.AlwaysOnView, Here.AlwaysOnView>,
  Same<Go.AlwaysOnRequest, Here.Methods['AlwaysOn.Set'][0]>,
  Same<Go.ChangedFile, Here.ChangedFile>,
  Same<Go.Confinement, Here.Confinement>,
  Same<Go.Correction, Here.Correction>,
  Same<Go.DashboardView, Here.Dashboard>,
  Same<Go.Day, Here.Day>,
  Same<Go.Document, Here.ScriptDocument>,
  Same<Go.DoorError, Here.DoorError>,
  Same<Go.EndWarning, Here.EndWarning>,
  Same<Go.Environment, Here.Environment>,
  Same<Go.EnvironmentCloneRequest, Here.EnvironmentCloneRequest>,
  Same<Go.EnvironmentCreateRequest, Here.EnvironmentCreateRequest>,
  Same<Go.EnvironmentExportRequest, Here.EnvironmentExportRequest>,
  Same<Go.EnvironmentImportRequest, Here.EnvironmentImportRequest>,
  Same<Go.EnvironmentInstallRequest, Here.EnvironmentInstallRequest>,
  Same<Go.EnvironmentRemoveRequest, Here.EnvironmentRemoveRequest>,
  Same<Go.Execution, Here.Execution>,
  Same<Go.Job, Here.Job>,
  Same<Go.Progress, Here.Progress>,
  Same<Go.Step, Here.Step>,
  Same<Go.ExecutionPage, Here.ExecutionPage>,
  Same<Go.ExecutionQuery, Here.ExecutionQuery>,
  Same<Go.Finding, Here.Finding>,
  Same<Go.GroupView, Here.GroupView>,
  Same<Go.Limit, Here.Limit>,
  Same<Go.Guard, Here.Guard>,
  Same<Go.LogLine, Here.LogLine>,
  Same<Go.LogPage, Here.LogPage>,
  Same<Go.Option, Here.Option>,
  Same<Go.Parameter, Here.Parameter>,
  Same<Go.PortView, Here.PortView>,
  Same<Go.PathApproval, Here.PathApproval>,
  Same<Go.Problem, Here.Problem>,
  Same<Go.Project, Here.Project>,
  Same<Go.QueuePlace, Here.QueuePlace>,
  Same<Go.RunRequest, Here.RunRequest>,
  Same<Go.RunResult, Here.RunResult>,
  Same<Go.RunningItem, Here.RunningItem>,
  Same<Go.RunningList, Here.RunningList>,
  Same<Go.ScriptDetail, Here.ScriptDetail>,
  Same<Go.ScriptView, Here.ScriptView>,
  Same<Go.SessionState, Here.SessionState>,
  Same<Go.SetupState, Here.SetupState>,
  Same<Go.User, Here.User>,
  Same<Go.AddUserRequest, Here.Methods['Users.Add'][0]>,
  Same<Go.AgainRequest, Here.Methods['Executions.Again'][0]>,
  Same<Go.LogRequest, Here.Methods['Executions.Log'][0]>,
  Same<Go.StopRequest, Here.Methods['Executions.Stop'][0]>,
  Named<Go.Level, Here.Level>,
  Named<Go.Language, Here.Language>,
  Named<Go.Theme, Here.Theme>,
  Named<Go.State, Here.State>,
  Named<Go.Phase, Here.Phase>,
  Named<Go.Stream, Here.Stream>,
  Named<Go.ParameterType, Here.ParameterType>,
  NoArgument<'Dashboard.Get'>,
];

/** Does not compile where one of the checks is false. */
export const checked: Checks extends true[] ? true : never = true;
