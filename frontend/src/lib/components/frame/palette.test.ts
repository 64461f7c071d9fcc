import { describe, expect, it } from 'vitest';
import { search, type Found } from './palette';

const entry = (title: string, text = ''): Found => ({
  href: `/${title}`,
  icon: 'x',
  title,
  note: 'note',
  text,
});
const entries = [
  entry('Disk use', 'system'),
  entry('Análisis térmico', 'heat'),
  entry('The thermal stress', 'bar'),
];
const titles = (words: string) => search(entries, words).map(({ title }) => title);

describe('search', () => {
  it('finds everything for no words', () => expect(titles('  ')).toHaveLength(3));
  it('ignores case and accents', () => expect(titles('TERMICO')).toEqual(['Análisis térmico']));
  it('wants every word, wherever it stands', () =>
    expect(titles('bar stress')).toEqual(['The thermal stress']));
  it('finds nothing for a word that is nowhere', () => expect(titles('disk heat')).toEqual([]));
  it('puts titles that begin with the word first', () => {
    const found = search([entry('A disk'), entry('x', 'disk'), entry('Disk')], 'disk');
    expect(found.map(({ title }) => title)).toEqual(['Disk', 'A disk', 'x']);
  });
});
