import type { Execution } from '$lib/api/types';
import { command } from '$lib/components/keys';
import { isLive } from './status';

/** What pressing Stop does now: it asks for the end, and kills what was asked already. */
export function stopDoes(execution: Execution): 'leave' | 'stop' | 'kill' {
  if (execution.state === 'queued') return 'leave';
  return execution.phase === 'stopping' ? 'kill' : 'stop';
}

/** The whole seconds of grace that are left; 0 once it is over, or where none was begun. */
export function graceLeft(execution: Execution, now: number): number {
  if (execution.phase !== 'stopping' || !execution.grace_ends_at) return 0;
  return Math.max(0, Math.ceil((new Date(execution.grace_ends_at).getTime() - now) / 1000));
}

/**
 * Takes Ctrl+. for an execution. A key that is held down asks once only: its
 * repetitions must not kill what is just saving its work.
 */
export function stopByKey(
  event: KeyboardEvent,
  execution: Execution | null | undefined,
  press: (execution: Execution) => Promise<void>,
): boolean {
  if (!command(event) || event.key !== '.' || !execution || !isLive(execution)) return false;
  event.preventDefault();
  if (!event.repeat) void press(execution);
  return true;
}
