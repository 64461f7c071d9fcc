import type { Execution } from '$lib/api/types';

/** What a person sees of an execution's state and phase, everywhere alike. */
export type Status = 'queued' | 'starting' | 'running' | 'stopping' | 'completed' | 'failed' | 'terminated';

export function isLive(execution: Pick<Execution, 'state'>): boolean {
  return execution.state === 'queued' || execution.state === 'running';
}

export function statusOf(execution: Pick<Execution, 'state' | 'phase'>): Status {
  if (execution.state !== 'running') return execution.state;
  if (execution.phase === 'stopping') return 'stopping';
  return execution.phase === 'ready' ? 'running' : 'starting';
}

/** Tells, of events in their order, those in which an execution began, went on or ended: not those of its progress. */
export class StatusChanges {
  readonly #last = new Map<string, string>();

  is(execution: Pick<Execution, 'id' | 'state' | 'phase'>): boolean {
    const now = `${execution.state} ${execution.phase}`;
    const news = this.#last.get(execution.id) !== now;
    if (isLive(execution)) this.#last.set(execution.id, now);
    else this.#last.delete(execution.id);
    return news;
  }
}

/** The translation key of a status. */
export function statusKey(status: Status): string {
  return status === 'starting' || status === 'stopping' ? `phase.${status}` : `state.${status}`;
}

/** The milliseconds that it has run, up to `now` while it runs. */
export function elapsed(execution: Execution, now: number): number {
  if (!isLive(execution)) return execution.duration_ms;
  const from = new Date(execution.started_at ?? execution.created_at).getTime();
  return Math.max(0, now - from);
}
