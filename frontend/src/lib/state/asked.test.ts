import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Asked } from './asked.svelte';

const click = new MouseEvent('click', { detail: 1 });

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

it('means the second press on the same thing, and asks anew about another one', () => {
  const asked = new Asked<number>();
  expect(asked.press(click, 1)).toBe(false);
  expect(asked.press(click, 2)).toBe(false);
  expect([asked.about(1), asked.about(2)]).toEqual([false, true]);
  expect(asked.press(new MouseEvent('click', { detail: 2 }), 2)).toBe(false);
  expect(asked.press(click, 2)).toBe(true);
  expect(asked.about(2)).toBe(false);
});

it('takes a question back after its own time, not after that of the one before', () => {
  const asked = new Asked<number>(2000);
  asked.press(click, 1);
  vi.advanceTimersByTime(1500);
  asked.press(click, 2);
  asked.press(click, 1);
  vi.advanceTimersByTime(1500);
  expect(asked.about(1)).toBe(true);
  vi.advanceTimersByTime(500);
  expect(asked.about(1)).toBe(false);
});
