/** Where a line of the text stands in the preview: known of headings, in between by proportion. */
export interface Point {
  line: number;
  top: number;
}

function around(points: Point[], ends: Point, below: (point: Point) => boolean): [Point, Point] {
  const all = [{ line: 1, top: 0 }, ...points.filter(({ line, top }) => line > 1 && top > 0), ends];
  const next = all.findIndex((point, index) => index > 0 && !below(point));
  const to = next < 0 ? all.length - 1 : next;
  return [all[to - 1] ?? ends, all[to] ?? ends];
}

export function placeOf(line: number, points: Point[], ends: Point): number {
  const [a, b] = around(points, ends, (point) => point.line <= line);
  const part = (line - a.line) / Math.max(b.line - a.line, 1);
  return a.top + Math.min(Math.max(part, 0), 1) * (b.top - a.top);
}

export function lineAt(top: number, points: Point[], ends: Point): number {
  const [a, b] = around(points, ends, (point) => point.top <= top);
  const part = (top - a.top) / Math.max(b.top - a.top, 1);
  return a.line + Math.min(Math.max(part, 0), 1) * (b.line - a.line);
}
