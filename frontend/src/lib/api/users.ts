import type { Project, SessionState, User } from './types';

/** One window, tab or command to which somebody is signed in. */
export interface PersonSession {
  id: string;
  client: string;
  since: string;
  used: string;
  current: boolean;
}

/** A project with what its data folders take. */
export interface UserProject extends Project {
  files: number;
  bytes: number;
}

/** What an account has. */
export interface UserData {
  projects: UserProject[] | null;
  files: number;
  bytes: number;
  partial: boolean;
  executions: number;
  backups: number;
  backup_bytes: number;
  log_bytes: number;
  running: number;
}

/** An account of the operating system, as the system says it. */
export interface SystemAccount {
  id: string;
  name: string;
}

/** Who may sign in, without a password, as the system's account that he has. */
export interface SystemAccounts {
  on: boolean;
  here: SystemAccount;
  set:
    | {
        account: string;
        name: string;
        user_id: number;
        user: string;
        set_by: string;
        set_at: string;
      }[]
    | null;
}

export type DataFate = 'keep' | 'hand_over' | 'delete';

export interface DeletedUser extends User {
  deleted_at: string;
  data: string;
  to: string;
}

export interface UserMethods {
  'Session.SignInSystem': [undefined, SessionState];
  'Users.List': [undefined, User[] | null];
  'Users.Add': [
    { name: string; password: string; level: string; display_name?: string; email?: string },
    User,
  ];
  'Users.Edit': [
    {
      user_id: number;
      revision?: number;
      display_name?: string;
      email?: string;
      level?: string;
      active?: boolean;
      password?: string;
    },
    User,
  ];
  'Users.SetPassword': [{ user_id: number; password: string }, null];
  'Users.Unlock': [{ user_id: number }, User];
  'Users.SystemAccounts': [undefined, SystemAccounts];
  'Users.SetSystemAccount': [{ account?: string; user_id: number }, SystemAccounts];
  'Users.Data': [{ user_id: number }, UserData];
  'Users.Deleted': [undefined, DeletedUser[] | null];
  'Users.Delete': [{ user_id: number; confirm: string; data: string; to_user_id?: number }, DeletedUser];
  'Users.HandOver': [{ user_id: number; confirm: string; to_user_id: number }, DeletedUser];
  'Users.ResetData': [{ user_id: number; confirm: string }, UserData];
  'Users.Sessions': [{ user_id: number }, PersonSession[] | null];
  'Users.EndSessions': [{ user_id: number }, null];
}
