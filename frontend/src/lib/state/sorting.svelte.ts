import { i18n } from '$lib/i18n/i18n.svelte';

/** What the head of a sorted column asks and says. */
export interface Ordering<K extends string> {
  by(key: K): void;
  of(key: K): 'ascending' | 'descending' | undefined;
}

/** By which column a table is sorted. Choosing the same column again turns it round. */
export class Sorting<K extends string> implements Ordering<K> {
  key = $state() as K;
  descending = $state(false);

  constructor(key: K, descending = false) {
    this.key = key;
    this.descending = descending;
  }

  by(key: K): void {
    this.descending = this.key === key ? !this.descending : false;
    this.key = key;
  }

  /** What `aria-sort` says of a column. */
  of(key: K): 'ascending' | 'descending' | undefined {
    if (this.key !== key) return undefined;
    return this.descending ? 'descending' : 'ascending';
  }

  /** The items in order; those that are alike keep theirs. */
  apply<T>(items: T[], value: (item: T, key: K) => string | number): T[] {
    const words = new Intl.Collator(i18n.language, { numeric: true });
    const sign = this.descending ? -1 : 1;
    return [...items].sort((a, b) => {
      const [one, two] = [value(a, this.key), value(b, this.key)];
      if (typeof one === 'number' && typeof two === 'number') return sign * (one - two);
      return sign * words.compare(String(one), String(two));
    });
  }
}
