import type { Stream } from '$lib/api/types';
import type { LogFinder, Query } from './find.svelte';
import type { LogStore } from './log.svelte';
import type { Steps } from './steps.svelte';

/** What stays at the top of a view: a row of the whole log, and the part of it that is above the view. */
export interface Held {
  row: number;
  rest: number;
}

/** How a log was looked at, to go on so after another one was. */
export interface KeptView extends Held {
  streams: readonly Stream[];
  query: Query;
  follow: boolean;
  current: number;
}

export function viewOf(
  held: Held,
  { streams }: LogStore,
  { query }: LogFinder,
  { current }: Steps,
  follow: boolean,
): KeptView {
  return { ...held, streams, query, follow, current };
}
