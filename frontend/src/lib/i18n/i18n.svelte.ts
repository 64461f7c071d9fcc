import i18next, { type i18n as Engine } from 'i18next';
import type { DoorError, EnvironmentProblem, Language, Text } from '$lib/api/types';
import { toResources, type GoMessages } from './messages';

export const languages: readonly Language[] = ['en', 'es', 'it', 'fr'];

/** Each language's own name, as it stands in every list of languages. */
export const languageNames: Record<Language, string> = {
  en: 'English',
  es: 'Español',
  it: 'Italiano',
  fr: 'Français',
};

const files: Record<Language, () => Promise<{ default: GoMessages }>> = {
  en: () => import('$translations/en.json') as Promise<{ default: GoMessages }>,
  es: () => import('$translations/es.json') as Promise<{ default: GoMessages }>,
  it: () => import('$translations/it.json') as Promise<{ default: GoMessages }>,
  fr: () => import('$translations/fr.json') as Promise<{ default: GoMessages }>,
};

// English abbreviations ("4.4 secs", "1 hr") are not the units that engineers write.
const symbols: Record<string, string> = {
  millisecond: 'ms',
  second: 's',
  minute: 'min',
  hour: 'h',
  day: 'd',
};

const sizes = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
const frenchSizes = ['o', 'Kio', 'Mio', 'Gio', 'Tio']; // octets

export function isLanguage(value: unknown): value is Language {
  return (languages as readonly unknown[]).includes(value);
}

/** The chosen language's texts and formats. Whatever it gives changes on screen when the language does. */
export class I18n {
  #language = $state<Language>('en');
  readonly #engine: Engine = i18next.createInstance();
  #ready: Promise<unknown> | null = null;
  #wanted: Language = 'en';

  get language(): Language {
    return this.#language;
  }

  /** The chosen language with this machine's region, as "en-GB": dates and numbers follow it. */
  get locale(): string {
    return navigator.languages.find((tag) => tag.split('-')[0] === this.#language) ?? this.#language;
  }

  /** Changes the language, once its texts are there. */
  async use(language: Language): Promise<void> {
    this.#wanted = language;
    this.#ready ??= this.#engine.init({
      lng: 'en',
      fallbackLng: 'en',
      keySeparator: false,
      nsSeparator: false,
      interpolation: { prefix: '{{.', suffix: '}}', escapeValue: false },
      resources: {},
    });
    await this.#ready;
    await Promise.all([this.#load('en'), this.#load(language)]);
    if (this.#wanted !== language) return;
    await this.#engine.changeLanguage(language);
    this.#language = language;
    document.documentElement.lang = language;
  }

  /** The text of a key, with `params` put in; `count` chooses the plural form. */
  t(key: string, params?: Record<string, unknown>): string {
    void this.#language;
    const shown = { ...params };
    for (const [name, value] of Object.entries(shown)) shown[name] = this.#size(value);
    const count = shown['count'];
    if (count !== undefined) shown['count_text'] = typeof count === 'number' ? this.number(count) : count;
    return this.#engine.t(key, shown);
  }

  has(key: string): boolean {
    void this.#language;
    return this.#engine.exists(key);
  }

  /** A text by language, in the chosen one, else in English, else in any there is. */
  text(text: Text | null | undefined): string {
    if (!text) return '';
    for (const language of [this.#language, ...languages]) {
      const found = text[language];
      if (found) return found;
    }
    return '';
  }

  /** The sentence for an error: what happened, why, what to do. */
  error(error: DoorError): string {
    const key = `error.${error.code}`;
    if (!this.has(key)) return this.t('ui.error.unknown', { code: error.code });
    const params = { ...error.params };
    if (typeof params['level'] === 'string' && this.has(`level.${params['level']}`)) {
      params['level'] = this.t(`level.${params['level']}`);
    }
    const problem = params['problem'];
    if (typeof problem === 'object' && problem !== null && 'code' in problem) {
      params['problem'] = this.problem(problem as EnvironmentProblem);
    }
    for (const [name, value] of Object.entries(params)) {
      if (Array.isArray(value)) params[name] = this.list(value.map(String));
    }
    return this.t(key, params);
  }

  /** What is wrong with an environment, and what to do. */
  problem(problem: EnvironmentProblem | null | undefined): string {
    return problem ? this.t(`environment.problem.${problem.code}`, problem.params) : '';
  }

  /** "a, b and c". */
  list(values: string[]): string {
    return new Intl.ListFormat(this.locale, { type: 'conjunction' }).format(values);
  }

  /** A part of a hundred, without decimals. */
  percent(value: number): string {
    return this.number(value / 100, { style: 'percent', maximumFractionDigits: 0 });
  }

  number(value: number, options?: Intl.NumberFormatOptions): string {
    return new Intl.NumberFormat(this.locale, options).format(value);
  }

  /** A size in bytes with a binary step and at most one decimal, in one piece where lines break. */
  bytes(value: number): string {
    const units = this.language === 'fr' ? frenchSizes : sizes;
    let step = 0;
    let shown = Math.max(0, value);
    while (shown >= 1024 && step < units.length - 1) {
      shown /= 1024;
      step += 1;
    }
    const digits = step > 0 && shown < 100 ? 1 : 0;
    return `${this.number(shown, { maximumFractionDigits: digits })}\u00a0${units[step]}`;
  }

  /** What the engine gives as a size ("1.5 GiB") in the language's way; all else as it is. */
  #size(value: unknown): unknown {
    const found = typeof value === 'string' ? /^(\d+(?:\.\d+)?) (B|[KMGT]iB)$/.exec(value) : null;
    return found ? this.bytes(Number(found[1]) * 1024 ** sizes.indexOf(found[2] ?? 'B')) : value;
  }

  dateTime(value: string | null | undefined, style: 'short' | 'exact' | 'long' = 'short'): string {
    const date = parse(value);
    if (!date) return '–';
    const options: Intl.DateTimeFormatOptions =
      style === 'long'
        ? { dateStyle: 'long', timeStyle: 'medium' }
        : { dateStyle: 'short', timeStyle: style === 'exact' ? 'medium' : 'short' };
    return new Intl.DateTimeFormat(this.locale, options).format(date);
  }

  /** A calendar day "YYYY-MM-DD", whatever the time zone. */
  day(value: string): string {
    const date = new Date(`${value}T00:00:00`);
    if (Number.isNaN(date.getTime())) return value;
    return new Intl.DateTimeFormat(this.locale, {
      weekday: 'short',
      day: 'numeric',
      month: 'short',
    }).format(date);
  }

  /** "3 minutes ago", against `now` in milliseconds. */
  ago(value: string | null | undefined, now: number): string {
    const date = parse(value);
    if (!date) return '–';
    const seconds = Math.min(0, (date.getTime() - now) / 1000);
    const format = new Intl.RelativeTimeFormat(this.locale, { numeric: 'auto' });
    const steps: [number, Intl.RelativeTimeFormatUnit][] = [
      [86_400 * 365, 'year'],
      [86_400 * 30, 'month'],
      [86_400, 'day'],
      [3600, 'hour'],
      [60, 'minute'],
    ];
    for (const [size, unit] of steps) {
      if (-seconds >= size) return format.format(Math.trunc(seconds / size), unit);
    }
    return format.format(Math.trunc(seconds), 'second');
  }

  /** A duration in its two largest units: "1 h 4 min", "12.4 s"; the second one only where there is something of it. */
  duration(milliseconds: number): string {
    const unit = (value: number, name: string, digits = 0) =>
      this.language === 'en'
        ? `${this.number(value, { maximumFractionDigits: digits })} ${symbols[name] ?? name}`
        : this.number(value, {
            style: 'unit',
            unit: name,
            unitDisplay: 'short',
            maximumFractionDigits: digits,
          });
    const seconds = Math.max(0, milliseconds) / 1000;
    if (seconds < 1) return unit(Math.round(milliseconds), 'millisecond');
    if (seconds < 60) return unit(seconds, 'second', 1);
    const two = (large: number, name: string, small: number, of: string) =>
      unit(large, name) + (small > 0 ? ` ${unit(small, of)}` : '');
    if (seconds < 3600) return two(Math.floor(seconds / 60), 'minute', Math.floor(seconds % 60), 'second');
    const minutes = Math.floor(seconds / 60);
    if (minutes < 1440) return two(Math.floor(minutes / 60), 'hour', minutes % 60, 'minute');
    return two(Math.floor(minutes / 1440), 'day', Math.floor((minutes % 1440) / 60), 'hour');
  }

  async #load(language: Language): Promise<void> {
    if (this.#engine.hasResourceBundle(language, 'translation')) return;
    const { default: messages } = await files[language]();
    this.#engine.addResourceBundle(language, 'translation', toResources(messages));
  }
}

function parse(value: string | null | undefined): Date | null {
  if (!value) return null;
  const date = new Date(value);
  // Go's zero time means "not known".
  return Number.isNaN(date.getTime()) || date.getUTCFullYear() <= 1 ? null : date;
}

export const i18n = new I18n();
