import type { Segment } from './ansi';
import type { Row } from './pages';

export interface Match {
  row: number;
  start: number;
  end: number;
}

/** Beyond this no one steps from match to match. */
export const matchesMost = 10_000;

interface Found {
  needle: string;
  length: number;
  matches: Match[];
}

/** Finds a text in loaded rows, whatever the case. What it found in a run of rows it keeps while the run stays the same. */
export class Search {
  readonly #found = new WeakMap<Row[], Found>();

  find(runs: readonly { first: number; rows: Row[] }[], needle: string): Match[] {
    if (needle === '') return [];
    const pattern = new RegExp(needle.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'), 'giu');
    const all: Match[] = [];
    for (const run of runs) {
      let found = this.#found.get(run.rows);
      if (!found || found.needle !== needle || found.length > run.rows.length)
        this.#found.set(run.rows, (found = { needle, length: 0, matches: [] }));
      for (; found.length < run.rows.length; found.length++) {
        const plain = run.rows[found.length]?.plain ?? '';
        for (const match of plain.matchAll(pattern)) {
          const start = match.index;
          found.matches.push({ row: run.first + found.length, start, end: start + match[0].length });
          if (found.matches.length >= matchesMost) break;
        }
      }
      for (const match of found.matches) {
        all.push(match);
        if (all.length >= matchesMost) return all;
      }
    }
    return all;
  }
}

/** The matches of each row that has some. */
export function byRow(matches: readonly Match[]): Map<number, Match[]> {
  const groups = new Map<number, Match[]>();
  for (const match of matches) {
    const here = groups.get(match.row);
    if (here) here.push(match);
    else groups.set(match.row, [match]);
  }
  return groups;
}

export interface Piece extends Segment {
  /** 0: no match; 1: one; 2: the one that was stepped to. */
  hit: 0 | 1 | 2;
}

/** Cuts a line's segments at its matches, which are in order. */
export function pieces(
  segments: readonly Segment[],
  matches: readonly Match[],
  current: Match | null,
): Piece[] {
  if (matches.length === 0) return segments.map((segment) => ({ ...segment, hit: 0 }));
  const cut: Piece[] = [];
  let at = 0;
  let next = 0;
  for (const segment of segments) {
    let text = segment.text;
    while (text !== '') {
      while (next < matches.length && (matches[next]?.end ?? 0) <= at) next += 1;
      const match = matches[next];
      const inside = match !== undefined && at >= match.start;
      const border = match === undefined ? Infinity : inside ? match.end : match.start;
      const length = Math.min(text.length, border - at);
      cut.push({
        text: text.slice(0, length),
        style: segment.style,
        hit: inside ? (match === current ? 2 : 1) : 0,
      });
      text = text.slice(length);
      at += length;
    }
  }
  return cut;
}
