/** What the door says of what is allowed and denied on top of levels. */
import type { Group, Level, Script, User } from './types';

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

export interface PermissionList {
  permissions: Permission[] | null;
  groups: Group[] | null;
  scripts: Script[] | null;
  users: User[] | null;
}

export interface PermissionRequest {
  group_id?: string;
  script_id?: string;
  user?: string;
  level?: string;
  effect: string;
}

export interface Verdict {
  script_id: string;
  see: boolean;
  run: boolean;
  reason: string;
  permission?: Permission;
  required_level: Level;
}

export interface Explained {
  user: User;
  verdicts: Verdict[] | null;
}

export interface PermissionMethods {
  'Permissions.List': [undefined, PermissionList];
  'Permissions.Set': [{ changes: PermissionRequest[] }, Permission[] | null];
  'Permissions.Explain': [{ user: string; script_id?: string }, Explained];
}
