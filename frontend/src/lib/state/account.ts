import type { DoorError } from '$lib/api/types';

/** What was wrong with an account, by the field at which to say it. */
export function accountFields(failure: DoorError | null): Record<string, DoorError> {
  if (!failure) return {};
  if (failure.code.startsWith('password_')) return { password: failure };
  if (failure.code.startsWith('name_')) return { name: failure };
  return failure.fields ?? {};
}
