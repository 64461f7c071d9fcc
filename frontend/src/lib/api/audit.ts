/** What the door says of the record of who did what, and of what is handed to who helps. */
import type { Level } from './types';

export interface AuditRequest {
  actor?: string;
  action?: string;
  text?: string;
  since?: string;
  until?: string;
  limit?: number;
  before?: number;
}

export interface AuditExportRequest extends AuditRequest {
  format: string;
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

export interface AuditPage {
  records: AuditRecord[] | null;
  next: number;
}

export interface AuditWords {
  actors: string[] | null;
  actions: string[] | null;
}

export interface AuditHead {
  records: number;
  hash: string;
}

export interface AuditFault {
  kind: string;
  from: number;
  to: number;
  file?: string;
}

export interface AuditVerified {
  records: number;
  head: AuditHead;
  copied: number;
  faults: AuditFault[] | null;
  more: boolean;
  /** From which record on the copy goes another way than the database; 0: it does not. */
  parted: number;
}

export interface AuditPart {
  /** Base64. */
  data: string;
  next: number;
}

export interface SupportBundle {
  name: string;
  /** Base64. */
  data: string;
}

export interface AuditMethods {
  'System.SupportBundle': [undefined, SupportBundle];
  'Audit.List': [AuditRequest, AuditPage];
  'Audit.Words': [undefined, AuditWords];
  'Audit.Verify': [{ head?: string }, AuditVerified];
  'Audit.Export': [AuditExportRequest, AuditPart];
}
