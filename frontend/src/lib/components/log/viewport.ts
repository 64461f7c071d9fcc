/**
 * Where the rows of a log stand. "top" is the place of the view in pixels of
 * the whole log, as if it were as high as it is; browsers cannot scroll that
 * far (Firefox stops at about 17 million pixels), so above a limit the scroll
 * bar runs over a shorter way, in proportion.
 */
export interface Geometry {
  rows: number;
  rowHeight: number;
  /** Of the view. */
  height: number;
}

const scrollMost = 8_000_000;
const overscan = 8;

export function topMost(g: Geometry): number {
  return Math.max(0, g.rows * g.rowHeight - g.height);
}

/** The height of what is scrolled. */
export function scrollHeight(g: Geometry): number {
  return Math.min(scrollMost, Math.max(g.rows * g.rowHeight, g.height));
}

/** Whether the scroll bar's way is shorter than the log. */
export function scaled(g: Geometry): boolean {
  return g.rows * g.rowHeight > scrollMost;
}

export function topOf(g: Geometry, scrollTop: number): number {
  if (!scaled(g)) return clamp(g, scrollTop);
  return clamp(g, (scrollTop / (scrollMost - g.height)) * topMost(g));
}

export function scrollOf(g: Geometry, top: number): number {
  if (!scaled(g)) return clamp(g, top);
  return (clamp(g, top) / topMost(g)) * (scrollMost - g.height);
}

export function clamp(g: Geometry, top: number): number {
  return Math.min(topMost(g), Math.max(0, top));
}

/** The rows to draw: [first, last[. */
export function visible(g: Geometry, top: number): { first: number; last: number } {
  const at = clamp(g, top);
  return {
    first: Math.max(0, Math.floor(at / g.rowHeight) - overscan),
    last: Math.min(g.rows, Math.ceil((at + g.height) / g.rowHeight) + overscan),
  };
}

/**
 * A point of the log and the place in the view where it stands. Rows of equal
 * height stand right by it; rows that wrap, whose heights are known only once
 * they are drawn, are hung up at it, so that every row can be reached and the
 * last one ends at the bottom.
 */
export function anchor(g: Geometry, top: number): { row: number; part: number; y: number } {
  const most = topMost(g);
  const fraction = most > 0 ? clamp(g, top) / most : 0;
  const at = fraction * g.rows;
  const row = Math.min(Math.max(0, g.rows - 1), Math.floor(at));
  return { row, part: g.rows > 0 ? at - row : 0, y: most > 0 ? fraction * g.height : 0 };
}

/** The rows to draw around an anchor: as many as there is room for if none of them wraps. */
export function around(g: Geometry, at: { row: number; y: number }, least: number) {
  const above = Math.ceil(at.y / least) + 2;
  const below = Math.ceil((g.height - at.y) / least) + 2;
  return { first: Math.max(0, at.row - above), last: Math.min(g.rows, at.row + below) };
}

/** The mean height to go on with, after so many rows were drawn in so many pixels. */
export function meanHeight(g: Geometry, drawn: number, pixels: number, least: number): number {
  const mean = Math.max(least, pixels / drawn);
  // With all rows drawn it is exact; else it moves only for a reason, so that the scroll bar is calm.
  const near = drawn === g.rows ? 0.001 : 0.25;
  return Math.abs(mean - g.rowHeight) <= near * g.rowHeight ? g.rowHeight : mean;
}

/** The top at which a row is in the middle of the view. */
export function topFor(g: Geometry, row: number): number {
  return clamp(g, (row + 0.5) * g.rowHeight - g.height / 2);
}

/** What rows that wrap tell of their mean height once they are drawn, and where the view stands then; null: as before. */
export function measured(g: Geometry, top: number, drawn: number, pixels: number, least: number) {
  if (drawn === 0) return null;
  const mean = meanHeight(g, drawn, pixels, least);
  if (mean === g.rowHeight) return null;
  const most = topMost(g);
  return { mean, top: (most > 0 ? top / most : 1) * topMost({ ...g, rowHeight: mean }) };
}

/**
 * How far a turn of the wheel goes, in pixels, where the scroll bar is scaled:
 * there the browser's own way would leap over many rows. 0: the browser does it.
 */
export function wheelBy(event: WheelEvent, g: Geometry, row: number): number {
  if (!scaled(g) || event.ctrlKey || event.shiftKey) return 0;
  const unit = event.deltaMode === 1 ? row : event.deltaMode === 2 ? g.height : 1;
  return event.deltaY * unit;
}

/** Where a key scrolls to; undefined for others. */
export function keyTarget(
  event: { key: string; shiftKey: boolean },
  g: Geometry,
  top: number,
  step: number,
): number | undefined {
  const page = g.height - step;
  switch (event.key) {
    case 'ArrowUp':
      return top - step;
    case 'ArrowDown':
      return top + step;
    case 'PageUp':
      return top - page;
    case 'PageDown':
      return top + page;
    case ' ':
      return top + (event.shiftKey ? -page : page);
    case 'Home':
      return 0;
    case 'End':
      return topMost(g);
    default:
      return undefined;
  }
}
