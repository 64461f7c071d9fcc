/** What the door says of projects. */
import type { DoorError, Execution, Project, Text } from './types';

export interface ProjectGroup {
  group_id: string;
  name: Text;
  folder: string;
  files: number;
  bytes: number;
  partial: boolean;
}

export interface ProjectView extends Project {
  groups: ProjectGroup[] | null;
  files: number;
  bytes: number;
  partial: boolean;
  running: number;
  always_on: number;
  job_id: string;
  unsaved: ProjectUnsaved | null;
  shares: ProjectShare[] | null;
}

/** That the automatic backup of a project fails. */
export interface ProjectUnsaved {
  project_id: number;
  project: string;
  user_id: number;
  user: string;
  since: string;
  at: string;
  /** Of the job; '': none could be begun. */
  execution_id: string;
  /** Without one the reason tells why. */
  error: DoorError | null;
  reason: string;
  reason_params: Record<string, unknown> | null;
}

/** Somebody who may read a project of another. */
export interface ProjectShare {
  user_id: number;
  user: string;
  name: string;
  active: boolean;
  shared_at: string;
}

/** A project that another lets one read. */
export interface SharedProject {
  id: number;
  name: string;
  description: string;
  owner: string;
  owner_name: string;
  archived: boolean;
  shared_at: string;
  groups: ProjectGroup[] | null;
  files: number;
  bytes: number;
  partial: boolean;
}

/** Somebody whom one may share with. */
export interface Person {
  user: string;
  name: string;
}

export interface ProjectList {
  user: string;
  projects: ProjectView[] | null;
  maximum: number;
  sharing: boolean;
  shared: SharedProject[] | null;
}

export interface ProjectChange {
  project_id: number;
  version?: number;
  name?: string;
  description?: string;
  archived?: boolean;
}

export interface ProjectBackup {
  id: number;
  user_id: number;
  project_id: number;
  project: string;
  file: string;
  created_at: string;
  made_by: string;
  reason: 'asked' | 'automatic' | 'before_restore' | 'uploaded';
  size: number;
  files: number;
  bytes: number;
  left_out: number;
  unsteady: number;
  sha256: string;
  verified_at: string;
}

export interface ProjectBackupView extends ProjectBackup {
  missing: boolean;
}

export interface ProjectBackupList {
  user: string;
  backups: ProjectBackupView[] | null;
  keep: number;
  automatic: boolean;
  at: string;
  hours: number;
}

export interface PreviewFile {
  name: string;
  path: string;
  state: 'new' | 'changed' | 'same' | 'here';
  size: number;
}

export interface BackupPreview {
  new: number;
  changed: number;
  same: number;
  here: number;
  bytes: number;
  files: PreviewFile[] | null;
  partial: boolean;
  left_out: { path: string; why: string }[] | null;
}

export interface RestoreRequest {
  backup_id: number;
  project_id?: number;
  new_name?: string;
  files?: string[];
  exact?: boolean;
}

export interface ProjectMethods {
  'Projects.List': [undefined, Project[] | null];
  'Projects.Overview': [{ user?: string }, ProjectList];
  'Projects.Create': [{ name: string; description?: string }, Project];
  'Projects.Change': [ProjectChange, Project];
  'Projects.Delete': [{ project_id: number; confirm: string }, null];
  'Projects.Share': [{ project_id: number; users: string[] }, { shares: ProjectShare[] | null }];
  'Projects.Unshare': [{ project_id: number; users: string[] }, { shares: ProjectShare[] | null }];
  'Projects.People': [undefined, Person[] | null];
  'Projects.BackUp': [{ project_id: number }, Execution];
  'Projects.Backups': [{ user?: string }, ProjectBackupList];
  'Projects.BackupPart': [
    { backup_id: number; offset: number },
    { name: string; data: string; size: number },
  ];
  'Projects.DeleteBackup': [{ backup_id: number }, null];
  'Projects.Preview': [{ backup_id: number; project_id?: number }, BackupPreview];
  'Projects.Restore': [RestoreRequest, Execution];
  'Projects.UploadBackup': [
    { upload_id: string; size: number; offset: number; data: string; last?: boolean },
    { size: number; backup: ProjectBackup | null },
  ];
}
