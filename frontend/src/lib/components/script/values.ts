import type { Parameter } from '$lib/api/types';

/** Whether two sets of values come to the same for a script: what is empty counts as not given, secrets do not count. */
export function sameValues(
  parameters: Parameter[],
  one: Record<string, unknown>,
  other: Record<string, unknown>,
): boolean {
  return parameters
    .filter((parameter) => !parameter.sensitive && parameter.type !== 'password')
    .every(({ name }) => text(one[name]) === text(other[name]));
}

function text(value: unknown): string {
  if (value === undefined || value === null || (Array.isArray(value) && value.length === 0)) return '';
  return typeof value === 'object'
    ? JSON.stringify(sorted(value))
    : String(value as string | number | boolean);
}

/** The same with its keys in order: what came back from the engine has them in another one. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}
