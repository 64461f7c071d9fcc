/** What the door says of metadata that people set in the application. */
import type { Problem } from './types';

/** Strongest first. */
export type MetadataSource = 'edited' | 'file' | 'header' | 'group' | 'default';

export interface MetadataLayer {
  source: string;
  value: unknown;
}

export interface MetadataField {
  field: string;
  source: string;
  /** In force. */
  value: unknown;
  /** Of all sources that say something, the strongest first. */
  layers: MetadataLayer[];
  edited_at: string | null;
  edited_by: string;
}

export interface Metadata {
  script_id: string;
  /** Of what people edited; goes back with a change of it. */
  version: number;
  changed_at: string | null;
  changed_by: string;
  active: boolean;
  fields: MetadataField[];
  problems: Problem[] | null;
}

export interface MetadataFieldChange {
  field: string;
  before: unknown;
  before_source: string;
  after: unknown;
  after_source: string;
}

export interface MetadataChange {
  id: number;
  script_id: string;
  at: string;
  actor_kind: string;
  user_id?: number;
  actor: string;
  /** The change that this one takes back. */
  takes_back?: number;
  fields: MetadataFieldChange[];
}

export interface MetadataHistoryPage {
  changes: MetadataChange[];
  /** 0: there are no more. */
  next: number;
}

export interface MetadataSetRequest {
  script_id: string;
  values?: Record<string, unknown>;
  /** Fields that are to be as the files say. */
  back?: string[];
  version?: number;
}

export interface RereadScript {
  script_id: string;
  changed: string[];
  /** What stays as people edited it. */
  edited: string[];
  problems: Problem[] | null;
}

export interface MetadataMethods {
  'Metadata.Get': [{ script_id: string }, Metadata];
  'Metadata.Check': [
    { script_id: string; values: Record<string, unknown> },
    { values: Record<string, unknown> },
  ];
  'Metadata.Set': [MetadataSetRequest, Metadata];
  'Metadata.History': [{ script_id: string; before?: number }, MetadataHistoryPage];
  'Metadata.TakeBack': [{ script_id: string; id: number; version?: number }, Metadata];
  'Metadata.Reread': [{ group_id?: string; script_id?: string }, RereadScript[] | null];
}
