/** One thing that the palette can go to. */
export interface Found {
  href: string;
  icon: string;
  title: string;
  note: string;
  /** More words that find it, which are not shown. */
  text: string;
  /** Of a script: what the engine's search knows it by. */
  id?: string;
}

const most = 50;

/** Lower case without accents, so that "térmico" is found by "termico". */
export function plain(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

// What an entry is looked for by does not change while one types.
const prepared = new WeakMap<Found, { title: string; whole: string }>();
function ready(entry: Found): { title: string; whole: string } {
  let texts = prepared.get(entry);
  if (!texts) {
    texts = { title: plain(entry.title), whole: plain(`${entry.title} ${entry.note} ${entry.text}`) };
    prepared.set(entry, texts);
  }
  return texts;
}

/**
 * What was found here at once, and behind it what the engine has found besides: in other languages,
 * parameters and documentation. Nothing that is shown moves when that answer comes.
 */
export function withHits(here: Found[], entries: Found[], ids: string[]): Found[] {
  const shown = new Set(here.map((entry) => entry.id).filter(Boolean));
  const byId = new Map(entries.filter((entry) => entry.id).map((entry) => [entry.id, entry]));
  const more = ids.filter((id) => !shown.has(id)).flatMap((id) => byId.get(id) ?? []);
  return [...here, ...more].slice(0, most);
}

/** The entries in which every word occurs; those whose title begins with the words come first. */
export function search(entries: Found[], words: string): Found[] {
  const wanted = plain(words).split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return entries.slice(0, most);
  const scored: { entry: Found; score: number }[] = [];
  for (const entry of entries) {
    const { title, whole } = ready(entry);
    if (!wanted.every((word) => whole.includes(word))) continue;
    const first = wanted[0] ?? '';
    const score =
      title === wanted.join(' ')
        ? -1
        : title.startsWith(first)
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
