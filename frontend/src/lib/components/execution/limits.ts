import type { Limit } from '$lib/api/types';
import { i18n } from '$lib/i18n/i18n.svelte';

function value({ kind, value }: Limit): string {
  if (kind === 'memory') return i18n.bytes(value);
  if (kind === 'time' || kind === 'idle') return i18n.duration(value * 1000);
  return i18n.number(value);
}

/** A limit in words: what, from where, and how it is held. */
export function limitText(limit: Limit): string {
  const notes = [i18n.t(`ui.limit.of_${limit.source}`)];
  if (limit.means) notes.push(i18n.t(`ui.limit.by_${limit.means}`));
  return `${i18n.t(`ui.limit.${limit.kind}`, { value: value(limit) })} (${notes.join('; ')})`;
}
