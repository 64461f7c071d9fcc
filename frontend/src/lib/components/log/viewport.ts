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

/** The top at which a row is in the middle of the view. */
export function topFor(g: Geometry, row: number): number {
  return clamp(g, (row + 0.5) * g.rowHeight - g.height / 2);
}
