import { describe, expect, it } from 'vitest';
import { anchor, scaled, scrollHeight, scrollOf, topFor, topMost, topOf, visible } from './viewport';

const small = { rows: 1000, rowHeight: 20, height: 400 };
const huge = { rows: 10_000_000, rowHeight: 20, height: 400 };

describe('the view of a log', () => {
  it('is scrolled pixel by pixel while browsers can', () => {
    expect(scaled(small)).toBe(false);
    expect(scrollHeight(small)).toBe(20_000);
    expect(topOf(small, 1234)).toBe(1234);
    expect(visible(small, 19_600)).toEqual({ first: 972, last: 1000 });
  });

  it('reaches the first and the last of ten million rows', () => {
    expect(scaled(huge)).toBe(true);
    expect(scrollHeight(huge)).toBeLessThan(17_000_000);
    expect(visible(huge, topOf(huge, 0)).first).toBe(0);
    expect(visible(huge, topOf(huge, scrollHeight(huge) - huge.height)).last).toBe(huge.rows);
    for (const top of [0, 1e6 + 7, topMost(huge)])
      expect(topOf(huge, scrollOf(huge, top))).toBeCloseTo(top, 3);
  });

  it.each([small, huge])('hangs rows of equal height where they stand anyway', (g) => {
    for (const part of [0, 0.3, 0.77, 1]) {
      const top = part * topMost(g);
      const at = anchor(g, top);
      expect((at.row + at.part) * g.rowHeight - at.y).toBeCloseTo(top, 3);
    }
  });

  it('ends the last row at the bottom', () => {
    expect(anchor(small, topMost(small))).toEqual({ row: 999, part: 1, y: 400 });
  });

  it('has no place to go in a short log', () => {
    const short = { rows: 3, rowHeight: 20, height: 400 };
    expect(topMost(short)).toBe(0);
    expect(scrollHeight(short)).toBe(400);
    expect(visible(short, 50)).toEqual({ first: 0, last: 3 });
    expect(visible({ ...short, rows: 0 }, 0)).toEqual({ first: 0, last: 0 });
  });

  it('puts a row in the middle', () => {
    expect(topFor(small, 500)).toBe(500 * 20 + 10 - 200);
    expect(topFor(small, 0)).toBe(0);
  });
});
