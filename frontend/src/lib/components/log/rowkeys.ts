import type { Choice } from './choice.svelte';
import type { Folds, Place } from './folds.svelte';
import type { Row } from './pages';
import { keyTarget, type Geometry } from './viewport';

/** What keys do something with: the rows as they stand, and how they are moved. */
export interface Keyed {
  choice: Choice;
  folds: Folds;
  g: Geometry;
  /** The height of a row that does not wrap. */
  rowHeight: number;
  top: number;
  /** The place among shown rows of the first one in view. */
  first: () => number;
  /** Those that are drawn. */
  rows: readonly { index: number; row: Row | undefined }[];
  /** The line that was stepped to; 0: none was. */
  current: number;
  move: (top: number) => void;
  /** Folds or opens a traceback; what is at the top stays there. */
  fold: (place: Place) => void;
  /** Brings a place among shown rows into view, with as little movement as may be. */
  see: (shown: number) => void;
}

/** Obeys a key that was pressed in the list of rows. */
export function pressed(event: KeyboardEvent, on: Keyed): void {
  const { choice, folds, g } = on;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.shiftKey && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
    const by = event.key === 'ArrowUp' ? -1 : 1;
    const shown = choice.range ? folds.shownOf(choice.head) + by : on.first();
    const to = Math.min(g.rows - 1, Math.max(0, shown));
    choice.choose(folds.rowAt(to), true);
    on.see(to);
  } else if (event.key === 'Enter') {
    // The traceback that was stepped to or chosen, else the first one in view.
    const stepped = on.rows.find(({ row }) => row?.seq === on.current)?.index ?? -1;
    const from = choice.range ? choice.head : stepped;
    let place = from >= 0 ? folds.at(from) : undefined;
    const first = on.first();
    const last = Math.min(g.rows, first + Math.ceil(g.height / g.rowHeight));
    for (let shown = first; !place && from < 0 && shown < last; shown++) place = folds.at(folds.rowAt(shown));
    if (!place) return;
    on.fold(place);
  } else if (event.key === 'Escape' && choice.range) {
    event.stopPropagation();
    choice.clear();
  } else {
    const to = keyTarget(event, g, on.top, on.rowHeight);
    if (to === undefined) return;
    on.move(to);
  }
  event.preventDefault();
}

/** Tells of the size of an element until what is given back is called. */
export function sized(element: HTMLElement, tell: () => void): () => void {
  if (typeof ResizeObserver === 'undefined') return () => undefined;
  const observer = new ResizeObserver(tell);
  observer.observe(element);
  return () => observer.disconnect();
}
