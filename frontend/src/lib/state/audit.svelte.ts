import {
  asFailure,
  door,
  type AuditRecord,
  type AuditRequest,
  type AuditVerified,
  type AuditWords,
  type Door,
  type DoorFailure,
} from '$lib/api';
import { bytesOf } from '$lib/base64';

export const auditFormats = ['txt', 'json', 'csv'] as const;
export type AuditFormat = (typeof auditFormats)[number];

/** What records are chosen by, as it stands in the address; "" chooses all. */
export interface AuditChoice {
  actor: string;
  action: string;
  text: string;
  /** Days, as 2026-01-31. */
  from: string;
  to: string;
}

const fields = ['actor', 'action', 'text', 'from', 'to'] as const;

export function parseAudit(query: string): AuditChoice {
  const given = new URLSearchParams(query);
  const choice: AuditChoice = { actor: '', action: '', text: '', from: '', to: '' };
  for (const field of fields) choice[field] = given.get(field) ?? '';
  for (const field of ['from', 'to'] as const) if (!day(choice[field])) choice[field] = '';
  return choice;
}

export function formatAudit(choice: AuditChoice): string {
  const query = new URLSearchParams();
  for (const field of fields) if (choice[field]) query.set(field, choice[field]);
  return query.toString();
}

function day(text: string, later = 0): string | undefined {
  const [, year, month, date] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? [];
  if (!year) return undefined;
  const time = new Date(Number(year), Number(month) - 1, Number(date) + later);
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}

/** The question for the door: whole days of this machine. */
export function auditRequest(choice: AuditChoice): AuditRequest {
  const since = day(choice.from);
  const until = day(choice.to, 1);
  return {
    actor: choice.actor,
    action: choice.action,
    text: choice.text.trim(),
    ...(since ? { since } : {}),
    ...(until ? { until } : {}),
  };
}

/** The record of who did what, for administrators. */
export class AuditStore {
  records = $state.raw<AuditRecord[] | null>(null);
  words = $state.raw<AuditWords | null>(null);
  failure = $state.raw<DoorFailure | null>(null);
  verified = $state.raw<AuditVerified | null>(null);
  verifyFailure = $state.raw<DoorFailure | null>(null);
  verifying = $state(false);
  exporting = $state(false);
  /** Where the next page begins; 0: there is none. */
  next = $state(0);
  loading = $state(false);
  readonly #door: Door;
  #request: AuditRequest = {};
  #turn = 0;

  constructor(api: Door = door) {
    this.#door = api;
  }

  async load(request: AuditRequest): Promise<void> {
    this.#request = request;
    await this.#page(0);
  }

  more(): Promise<void> {
    return this.#page(this.next);
  }

  async #page(before: number): Promise<void> {
    const turn = ++this.#turn;
    this.loading = true;
    try {
      const [page, words] = await Promise.all([
        this.#door.call('Audit.List', { ...this.#request, before }),
        before ? this.words : this.#door.call('Audit.Words'),
      ]);
      if (turn !== this.#turn) return;
      this.records = [...(before ? (this.records ?? []) : []), ...(page.records ?? [])];
      this.next = page.next;
      this.words = words;
      this.failure = null;
    } catch (thrown) {
      if (turn === this.#turn) this.failure = asFailure(thrown);
    } finally {
      if (turn === this.#turn) this.loading = false;
    }
  }

  /** Looks whether anybody changed records; `head` was noted before, or is "". */
  async verify(head: string): Promise<void> {
    this.verifying = true;
    this.verifyFailure = null;
    this.verified = null;
    try {
      this.verified = await this.#door.call('Audit.Verify', { head: head.trim() });
    } catch (thrown) {
      this.verifyFailure = asFailure(thrown);
    } finally {
      this.verifying = false;
    }
  }

  /** Reads all that is chosen, in a format. A failure is thrown. */
  async export(format: AuditFormat): Promise<Uint8Array<ArrayBuffer>[]> {
    this.exporting = true;
    try {
      const parts: Uint8Array<ArrayBuffer>[] = [];
      for (let before = 0; ;) {
        const part = await this.#door.call('Audit.Export', { ...this.#request, format, before });
        parts.push(bytesOf(part.data));
        before = part.next;
        if (before === 0) return parts;
      }
    } catch (thrown) {
      throw asFailure(thrown);
    } finally {
      this.exporting = false;
    }
  }
}
