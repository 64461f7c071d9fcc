import type { User } from './types';

/** One window, tab or command to which somebody is signed in. */
export interface PersonSession {
  id: string;
  client: string;
  since: string;
  used: string;
  current: boolean;
}

export interface UserMethods {
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
  'Users.Sessions': [{ user_id: number }, PersonSession[] | null];
  'Users.EndSessions': [{ user_id: number }, null];
}
