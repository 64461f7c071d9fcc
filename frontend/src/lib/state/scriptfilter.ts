import type { Level, ScriptView } from '$lib/api';
import type { Narrowing } from './finding.svelte';
import { tagKey } from './tags.svelte';

/** What is chosen of scripts, beside the words that are looked for. */
export interface ScriptFilter {
  text: string;
  tags: string[];
  /** One of the tags is enough. */
  any: boolean;
  level: string;
  category: string;
}

export const noFilter: ScriptFilter = { text: '', tags: [], any: false, level: '', category: '' };

type Own = (scriptId: string) => readonly string[];

/** A tag with how many of the scripts have it, and how many of those by the person himself. */
export interface CountedTag {
  key: string;
  name: string;
  count: number;
  own: number;
}

/** The tags of the scripts, most used first. */
export function countTags(scripts: ScriptView[], own: Own): CountedTag[] {
  const counted = new Map<string, CountedTag>();
  for (const script of scripts) {
    const mine = own(script.id);
    const names = new Map([...mine, ...(script.tags ?? [])].map((name) => [tagKey(name), name]));
    const keys = new Set(mine.map(tagKey));
    for (const [key, name] of names) {
      const one = counted.get(key) ?? { key, name, count: 0, own: 0 };
      counted.set(key, { ...one, count: one.count + 1, own: one.own + (keys.has(key) ? 1 : 0) });
    }
  }
  return [...counted.values()].sort((a, b) => b.count - a.count || a.name.localeCompare(b.name));
}

/** Whether a script is among what was chosen, its words aside. */
export function fits(script: ScriptView, filter: ScriptFilter, own: Own): boolean {
  if (filter.level && script.required_level !== filter.level) return false;
  if (filter.category && script.category !== filter.category) return false;
  if (filter.tags.length === 0) return true;
  const has = new Set([...(script.tags ?? []), ...own(script.id)].map(tagKey));
  const wanted = filter.tags.map(tagKey);
  return filter.any ? wanted.some((key) => has.has(key)) : wanted.every((key) => has.has(key));
}

/** The filter as the search takes it. */
export function narrowing(filter: ScriptFilter, groupId = ''): Narrowing {
  return {
    ...(groupId && { group_id: groupId }),
    ...(filter.tags.length > 0 && { tags: filter.tags, any_tag: filter.any }),
    ...(filter.level && { level: filter.level as Level }),
    ...(filter.category && { category: filter.category }),
  };
}

/** The filter that an address has. */
export function readFilter(query: string | undefined): ScriptFilter {
  const given = new URLSearchParams(query ?? '');
  return {
    text: given.get('q') ?? '',
    tags: given.getAll('tag').filter(Boolean),
    any: given.get('any') === '1',
    level: given.get('level') ?? '',
    category: given.get('category') ?? '',
  };
}

/** The filter as an address has it; '' is none. */
export function writeFilter(filter: ScriptFilter): string {
  const query = new URLSearchParams();
  if (filter.text.trim()) query.set('q', filter.text);
  for (const tag of filter.tags) query.append('tag', tag);
  if (filter.any && filter.tags.length > 1) query.set('any', '1');
  if (filter.level) query.set('level', filter.level);
  if (filter.category) query.set('category', filter.category);
  return query.toString();
}
