import type { Segment } from './ansi';
import type { LogFinder, Query } from './find.svelte';

export interface Match {
  start: number;
  end: number;
}

/** More marks than this in one line are not drawn. */
const matchesMost = 500;

/**
 * What is marked in the lines on screen. An expression's own places are not
 * looked for here, where one that explodes would stop the page: the line that
 * the engine found is marked as a whole.
 */
export function marker(query: Query): (text: string) => readonly Match[] {
  if (query.text === '') return () => none;
  if (query.regexp) return (text) => [{ start: 0, end: text.length }];
  const literal = query.text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  const edge = '[\\p{L}\\p{Nd}_]';
  const source = query.word ? `(?<!${edge})${literal}(?!${edge})` : literal;
  const pattern = new RegExp(source, query.case ? 'gu' : 'giu');
  return (text) => {
    const matches: Match[] = [];
    for (const match of text.matchAll(pattern)) {
      matches.push({ start: match.index, end: match.index + match[0].length });
      if (matches.length >= matchesMost) break;
    }
    return matches;
  };
}

/** What is marked in a line: of an expression only in those that the engine found. */
export function marksOf(finder: LogFinder, mark: (text: string) => readonly Match[]) {
  void finder.version;
  return (line: number | undefined) =>
    line !== undefined && (!finder.query.regexp || finder.position(line) > 0) ? mark : unmarked;
}

const unmarked = () => none;

const none: readonly Match[] = [];

export interface Piece extends Segment {
  /** 0: no match; 1: one; 2: one in the line that was stepped to. */
  hit: 0 | 1 | 2;
}

/** Cuts a line's segments at its matches, which are in order. */
export function pieces(segments: readonly Segment[], matches: readonly Match[], current: boolean): Piece[] {
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
        hit: inside ? (current ? 2 : 1) : 0,
      });
      text = text.slice(length);
      at += length;
    }
  }
  return cut;
}
