/** One thing that the palette can go to. */
export interface Found {
  href: string;
  icon: string;
  title: string;
  note: string;
  /** More words that find it, which are not shown. */
  text: string;
}

const most = 50;

/** Lower case without accents, so that "térmico" is found by "termico". */
export function plain(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

/** The entries in which every word occurs; those whose title begins with the words come first. */
export function search(entries: Found[], words: string): Found[] {
  const wanted = plain(words).split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return entries.slice(0, most);
  const scored: { entry: Found; score: number }[] = [];
  for (const entry of entries) {
    const title = plain(entry.title);
    const whole = plain(`${entry.title} ${entry.note} ${entry.text}`);
    if (!wanted.every((word) => whole.includes(word))) continue;
    const first = wanted[0] ?? '';
    const score = title.startsWith(first)
      ? 0
      : title.includes(` ${first}`)
        ? 1
        : title.includes(first)
          ? 2
          : 3;
    scored.push({ entry, score });
  }
  scored.sort((a, b) => a.score - b.score);
  return scored.slice(0, most).map(({ entry }) => entry);
}
