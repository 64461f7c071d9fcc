import { describe, expect, it } from 'vitest';
import type { Limit } from '$lib/api/types';
import { limitText } from './limits';

// EXE-4: the execution says which limits it has, from where, and how they are held.
describe('limitText', () => {
  it.each<[Limit, string]>([
    [
      { kind: 'memory', value: 512 * 1024 ** 2, source: 'script', means: 'watched' },
      '512\u00a0MiB of memory (of the script; measured all the time)',
    ],
    [
      { kind: 'cpu', value: 2, source: 'group', means: 'processors' },
      '2 processors (of the group; kept by the system)',
    ],
    [
      { kind: 'idle', value: 1800, source: 'configuration', means: 'watched' },
      '30 min without use (of the configuration; measured all the time)',
    ],
    [
      { kind: 'processes', value: 50, source: 'configuration', means: '' },
      '50 processes (of the configuration)',
    ],
  ])('%j', (limit, text) => {
    expect(limitText(limit)).toBe(text);
  });
});
