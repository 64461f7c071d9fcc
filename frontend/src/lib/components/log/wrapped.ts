import { tick } from 'svelte';

/** So often a row is moved to before it is where it should be: the heights of rows show once they are drawn. */
const turns = 4;

/** The first row that begins in view, of those that are drawn; -1 where none does. */
export function firstIn(list: HTMLElement, scroller: HTMLElement): number {
  const edge = scroller.getBoundingClientRect().top - 1;
  for (const line of list.children) {
    if (line instanceof HTMLElement && line.getBoundingClientRect().top >= edge)
      return Number(line.dataset['row']);
  }
  return -1;
}

/** Brings a row that wraps into view, as little as may be: `move` goes some pixels on, `jump` to the row. */
export async function bring(
  list: HTMLElement,
  scroller: HTMLElement,
  row: number,
  move: (by: number) => void,
  jump: () => void,
): Promise<void> {
  for (let turn = 0; turn < turns; turn++) {
    const line = list.querySelector(`[data-row="${String(row)}"]`);
    if (!line) jump();
    else {
      const by = outside(line.getBoundingClientRect(), scroller.getBoundingClientRect());
      if (Math.abs(by) < 1) return;
      move(by);
    }
    await tick();
  }
}

/** How far something is out of view: below 0 above it. What is higher than the view is shown from its beginning. */
export function outside(
  line: { top: number; bottom: number },
  view: { top: number; bottom: number },
): number {
  const above = line.top - view.top;
  if (above < 0 || line.bottom - line.top > view.bottom - view.top) return above;
  return Math.max(0, line.bottom - view.bottom);
}
