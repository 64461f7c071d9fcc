/** What the door says of the setup. */
import type { Environment, SessionState, Text } from './types';

/** One of the groups that come with the product. */
export interface Sample {
  id: string;
  name: Text;
  description: Text;
  scripts: number;
  /** As it came; not there; changed or made by a person, which is never touched. */
  state: 'there' | 'absent' | 'own';
}

/** The zips of projects. */
export interface SetupBackups {
  on: boolean;
  time: string;
  versions: number;
  folder: string;
}

/** The sign-in as the operating system's user. */
export interface SetupSignIn {
  offered: boolean;
  account: string;
  on: boolean;
  /** Who signs in so now, where that is somebody else. */
  user: string;
}

export interface SetupState {
  root: string;
  languages: string[] | null;
  environments: Environment[] | null;
  /** Those that did not come with the product. */
  groups: { id: string; name: Text; scripts: number }[] | null;
  samples: Sample[] | null;
  backups: SetupBackups;
  sign_in: SetupSignIn;
  password_minimum: number;
  step: string;
  /** It is complete: an administrator goes through it again. */
  again: boolean;
}

export interface SetupMethods {
  'Setup.State': [undefined, SetupState];
  'Setup.KeepStep': [{ step: string }, null];
  'Setup.SetSamples': [{ keep: string[] }, SetupState];
  'Setup.SetBackups': [Omit<SetupBackups, 'folder'>, SetupState];
  'Setup.SetSignIn': [{ on: boolean }, SetupState];
  'Setup.CreateAdministrator': [
    { name: string; password: string; language: string; theme: string },
    SessionState,
  ];
}
