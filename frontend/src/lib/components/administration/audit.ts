import { i18n } from '$lib/i18n/i18n.svelte';

/** An action in words; one that has none is shown as it was recorded. */
export function actionText(action: string): string {
  const key = `audit.action.${action.toLowerCase().replace(/[^a-z0-9]+/g, '_')}`;
  return i18n.has(key) ? i18n.t(key) : action;
}

/** Numbers of records or lines: "4" or "4–9". */
export function rangeText(from: number, to: number): string {
  return from === to ? i18n.number(from) : `${i18n.number(from)}–${i18n.number(to)}`;
}

/** What was before and after, as lines of "name: value"; of what is no object, the value. */
export function sides(before: unknown, after: unknown): { name: string; before?: string; after?: string }[] {
  const [was, is] = [object(before), object(after)];
  const names = [...new Set([...Object.keys(was), ...Object.keys(is)])];
  return names
    .map((name) => ({ name, before: value(was, name), after: value(is, name) }))
    .filter((one) => before === undefined || after === undefined || one.before !== one.after);
}

function object(side: unknown): Record<string, unknown> {
  if (side === undefined || side === null) return {};
  if (typeof side === 'object' && !Array.isArray(side)) return side as Record<string, unknown>;
  return { '': side };
}

function value(side: Record<string, unknown>, name: string): string | undefined {
  if (!(name in side)) return undefined;
  const one = side[name];
  return typeof one === 'string' ? one : JSON.stringify(one);
}
