import { describe, expect, it } from 'vitest';
import en from '$translations/en.json';
import es from '$translations/es.json';
import fr from '$translations/fr.json';
import italian from '$translations/it.json';

const sources = import.meta.glob<string>(['/src/**/*.{svelte,ts}', '!/src/**/*.test.ts'], {
  query: '?raw',
  import: 'default',
  eager: true,
});

// Keys as they stand in the source; `x.${y}` stands for every key that begins with "x.".
const literal = /['"`]((?:ui|state|phase|reason|level|error|type)\.[a-z0-9_.]+)['"]/g;
const template = /`((?:ui|state|phase|reason|level|error|type|environment)\.(?:[a-z0-9_]+[._])*)\$\{/g;

function used(pattern: RegExp): [string, string][] {
  return Object.entries(sources).flatMap(([file, text]) =>
    [...text.matchAll(pattern)].map((match): [string, string] => [match[1] ?? '', file]),
  );
}

describe('translations', () => {
  const known = new Set(Object.keys(en));

  it('has a text for every key in the source', () => {
    const found = used(literal);
    expect(found.length).toBeGreaterThan(100);
    expect(found.filter(([key]) => !known.has(key))).toEqual([]);
  });

  it('has a text for every family of keys in the source', () => {
    const found = used(template);
    expect(found.length).toBeGreaterThan(5);
    const missing = found.filter(([prefix]) => ![...known].some((key) => key.startsWith(prefix)));
    expect(missing).toEqual([]);
  });

  it.each([
    ['es', es],
    ['it', italian],
    ['fr', fr],
  ])('has the same keys in %s', (_, messages) => {
    expect(Object.keys(messages).sort()).toEqual([...known].sort());
  });
});
