import type { Choice } from './choice.svelte';
import type { LogStore } from './log.svelte';
import type { Row } from './pages';
import { lineTime, type TimeStyle } from './times';

/** How many characters go to the clipboard at most. */
const copyMost = 32 << 20;

/**
 * The text to copy: what is selected by the mouse; else the lines that were
 * chosen, with their times where times are shown; else all that are in memory.
 */
export async function copyRows(store: LogStore, choice: Choice, times: TimeStyle): Promise<string> {
  const selected = window.getSelection()?.toString() ?? '';
  if (selected !== '') return selected;
  const rows: Row[] = choice.range
    ? await store.readRows(choice.range[0], choice.range[1], copyMost)
    : store.pages.runs().flatMap((run) => run.rows);
  return rows
    .map((row) => {
      const time = times === 'absolute' ? stamp(row.time) : lineTime(row.time, times, store.begun);
      return time === '' ? row.plain : `${time}  ${row.plain}`;
    })
    .join('\n');
}

/** A line's date and time, as text that a program reads too. */
function stamp(time: string): string {
  return lineTime(time, 'absolute', '') === '' ? '' : new Date(time).toISOString();
}
