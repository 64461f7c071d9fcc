/** What the door says of the configuration. */
import type { Problem } from './types';

export type SettingKind =
  'boolean' | 'integer' | 'number' | 'text' | 'choice' | 'list' | 'time' | 'mode' | 'address';

export interface Setting {
  name: string;
  section: string;
  /** Under what its name and its explanation stand among the texts. */
  text: string;
  kind: SettingKind;
  default: unknown;
  /** What it may be, made of values, not of words. */
  allowed: string;
  options?: string[];
  min?: number;
  max?: number;
  unit?: string;
  effect: 'now' | 'run' | 'start' | 'none';
  variables: string[];
  /** In force, or from the next start on. */
  value: unknown;
  /** That stands in the file; null for none. */
  file: unknown;
  source: 'default' | 'file' | 'variable';
  variable?: string;
  /** In force until the next start, where that differs. */
  started?: unknown;
}

export interface SettingsView {
  path: string;
  /** The file has a mistake: what is in force is from `since`. */
  refused: boolean;
  since: string | null;
  problems: Problem[];
  settings: Setting[];
}

export interface SettingChange {
  id: number;
  /** The id of the first of those that were made in one go. */
  batch: number;
  at: string;
  actor_kind: string;
  user_id?: number;
  actor: string;
  source: 'form' | 'file' | 'back';
  key: string;
  /** null: it did not stand in the file. */
  before: unknown;
  after: unknown;
}

export interface SettingsSetRequest {
  /** By key; null is back to the default. */
  values: Record<string, unknown>;
  /** What the person saw in the file: where another value stands there now, nothing is changed. */
  seen?: Record<string, unknown>;
}

export interface SettingsSetResult {
  changes: SettingChange[];
  view: SettingsView;
}

export interface SettingsHistoryPage {
  changes: SettingChange[];
  next: number;
}

export interface SettingsRestored {
  kept: string;
  view: SettingsView;
}

export interface SettingsMethods {
  'Settings.List': [undefined, SettingsView];
  'Settings.Set': [SettingsSetRequest, SettingsSetResult];
  'Settings.Check': [SettingsSetRequest, SettingsSetResult];
  'Settings.History': [{ key?: string; limit?: number; before?: number }, SettingsHistoryPage];
  'Settings.TakeBack': [{ id: number; later?: boolean }, SettingsSetResult];
  'Settings.Restore': [undefined, SettingsRestored];
}
