import { readFileSync } from 'node:fs';

export type Language = 'en' | 'es' | 'it' | 'fr';
export const languages: Language[] = ['en', 'es', 'it', 'fr'];

type Message = string | { one: string; other: string };

const read = (language: Language) =>
  JSON.parse(readFileSync(new URL(`../../translations/${language}.json`, import.meta.url), 'utf8')) as Record<
    string,
    Message
  >;

const texts = Object.fromEntries(languages.map((language) => [language, read(language)])) as Record<
  Language,
  Record<string, Message>
>;

/** Languages differ: French counts nothing as one. */
const isOne = (language: Language, count: unknown) =>
  new Intl.PluralRules(language).select(Number(count)) === 'one';

/**
 * The product's own wording, so that tests name things as people see them and
 * a changed wording breaks none. A text that does not exist is an error.
 */
export function t(key: string, params: Record<string, unknown> = {}, language: Language = 'en'): string {
  const message = texts[language][key];
  if (message === undefined) throw new Error(`no text ${key} in ${language}`);
  const text =
    typeof message === 'string' ? message : isOne(language, params['count']) ? message.one : message.other;
  const shown = 'count' in params ? { count_text: params['count'], ...params } : params;
  return text.replace(/{{\s*\.?(\w+)\s*}}/g, (_, name: string) =>
    String(shown[name as keyof typeof shown] ?? `{{${name}}}`),
  );
}

/** A text of which some parameters are unknown, as a pattern. */
export function pattern(
  key: string,
  params: Record<string, unknown> = {},
  language: Language = 'en',
): RegExp {
  const escaped = t(key, params, language).replace(/[.*+?^$()|[\]\\]/g, '\\$&');
  return new RegExp(escaped.replace(/{{\w+}}/g, '.*'));
}
