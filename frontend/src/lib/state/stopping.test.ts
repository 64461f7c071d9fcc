import { describe, expect, it, vi } from 'vitest';
import { execution } from '../../test/door';
import { graceLeft, stopByKey, stopDoes } from './stopping';

const ends = '2026-01-02T03:04:10Z';
const at = (time: string) => new Date(time).getTime();

// EXE-3
describe('graceLeft', () => {
  const stopping = execution({ phase: 'stopping', grace_ends_at: ends });

  it.each([
    ['2026-01-02T03:04:05Z', 5],
    ['2026-01-02T03:04:05.001Z', 5],
    ['2026-01-02T03:04:09.999Z', 1],
    ['2026-01-02T03:04:10Z', 0],
    ['2026-01-02T03:05:00Z', 0],
  ])('at %s: %d', (now, left) => expect(graceLeft(stopping, at(now))).toBe(left));

  it('is nothing where no grace was begun', () => {
    expect(graceLeft(execution(), at(ends) - 3000)).toBe(0);
    expect(graceLeft(execution({ phase: 'stopping' }), at(ends))).toBe(0);
  });
});

describe('stopDoes', () => {
  it('asks first, then kills, and takes what waits out of the queue', () => {
    expect(stopDoes(execution())).toBe('stop');
    expect(stopDoes(execution({ phase: 'starting' }))).toBe('stop');
    expect(stopDoes(execution({ phase: 'stopping' }))).toBe('kill');
    expect(stopDoes(execution({ state: 'queued', phase: '' }))).toBe('leave');
  });
});

describe('stopByKey', () => {
  const key = (changes: KeyboardEventInit = {}) =>
    new KeyboardEvent('keydown', { key: '.', ctrlKey: true, cancelable: true, ...changes });

  it('presses for each press', () => {
    const stop = vi.fn().mockResolvedValue(undefined);
    const stopping = execution({ phase: 'stopping' });
    stopByKey(key(), execution(), stop);
    stopByKey(key(), stopping, stop);
    expect(stop.mock.calls).toEqual([[execution()], [stopping]]);
  });

  it('does not kill because the key is held down', () => {
    const stop = vi.fn().mockResolvedValue(undefined);
    const held = key({ repeat: true });
    expect(stopByKey(held, execution({ phase: 'stopping' }), stop)).toBe(true);
    expect(held.defaultPrevented).toBe(true);
    expect(stop).not.toHaveBeenCalled();
  });

  it('leaves alone other keys, and what has ended', () => {
    const stop = vi.fn();
    expect(stopByKey(key({ ctrlKey: false }), execution(), stop)).toBe(false);
    expect(stopByKey(key({ key: ',' }), execution(), stop)).toBe(false);
    expect(stopByKey(key(), execution({ state: 'completed', phase: '' }), stop)).toBe(false);
    expect(stopByKey(key(), null, stop)).toBe(false);
    expect(stop).not.toHaveBeenCalled();
  });
});
