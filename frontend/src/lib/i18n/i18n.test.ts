import { describe, expect, it } from 'vitest';
import en from '$translations/en.json';
import es from '$translations/es.json';
import fr from '$translations/fr.json';
import italian from '$translations/it.json';
import { I18n } from './i18n.svelte';

describe('I18n', () => {
  it('puts parameters in and chooses the plural form', async () => {
    const i18n = new I18n();
    await i18n.use('en');
    expect(i18n.t('ui.group.scripts', { count: 1 })).toBe('1 script');
    expect(i18n.t('ui.group.scripts', { count: 1200 })).toBe('1,200 scripts');
    await i18n.use('es');
    expect(i18n.t('ui.problem.count', { count: 2 })).toBe('2 problemas');
    expect(i18n.t('ui.problem.count', { count: 1_000_000 })).toBe('1.000.000 problemas');
  });

  // CLDR's category "many" of es, it and fr holds for millions: no file has a form for it.
  it.each([
    ['en', en],
    ['es', es],
    ['it', italian],
    ['fr', fr],
  ] as const)('has a text for each number in %s', async (language, messages) => {
    const i18n = new I18n();
    await i18n.use(language);
    const keys = Object.entries(messages).filter(([, value]) => typeof value === 'object');
    expect(keys.length).toBeGreaterThan(50);
    for (const [key, value] of keys as [string, { one: string; other: string }][]) {
      for (const count of [0, 1, 2, 21, 1000, 1_000_000, 2_000_000, 1_000_001]) {
        const form = count === 1 || (count === 0 && language === 'fr') ? value.one : value.other;
        const start = form.split('{{')[0] ?? '';
        const text = i18n.t(key, { count });
        expect(text).not.toBe(key);
        expect(text.startsWith(start), `${key} for ${count}: ${text}`).toBe(true);
        if (form.includes('{{.count')) expect(text).toContain(i18n.number(count));
      }
    }
  });

  it('gives a text in the language, else in English, else in any', async () => {
    const i18n = new I18n();
    await i18n.use('fr');
    expect(i18n.text({ en: 'a', fr: 'b' })).toBe('b');
    expect(i18n.text({ en: 'a', it: 'c' })).toBe('a');
    expect(i18n.text({ it: 'c' })).toBe('c');
    expect(i18n.text(null)).toBe('');
  });

  it('words the level in an error', async () => {
    const i18n = new I18n();
    await i18n.use('en');
    expect(i18n.error({ code: 'not_allowed', params: { level: 'developer' } })).toContain('Developer');
  });

  it('says the lists of an error as a sentence does', async () => {
    const i18n = new I18n();
    await i18n.use('it');
    const params = { environment: 'fem', known: ['base', 'cfd', 'system'] };
    expect(i18n.error({ code: 'environment_unknown', params })).toContain('base, cfd e system');
  });

  it('tells what is wrong with an environment in the language, also inside an error', async () => {
    const i18n = new I18n();
    await i18n.use('it');
    const problem = { code: 'missing_library', params: { python: '/e/bin/python', library: 'libz.so.1' } };
    expect(i18n.problem(problem)).toContain('manca la libreria libz.so.1');
    expect(i18n.problem(null)).toBe('');
    expect(i18n.error({ code: 'environment_broken', params: { environment: 'fem', problem } })).toBe(
      `L’ambiente fem non è utilizzabile. ${i18n.problem(problem)}`,
    );
  });

  it.each([
    [0, '0 ms'],
    [12_340, '12.3 s'],
    [60_000, '1 min'],
    [64_000, '1 min 4 s'],
    [1_800_000, '30 min'],
    [3_600_000, '1 h'],
    [3_840_000, '1 h 4 min'],
    [93_600_000, '1 d 2 h'],
  ])('shows a duration of %i ms in its two largest units', async (milliseconds, shown) => {
    const i18n = new I18n();
    await i18n.use('en');
    expect(i18n.duration(milliseconds)).toBe(shown);
  });

  it.each([
    ['es', '4,4 s'],
    ['it', '4,4 s'],
    ['fr', '4,4 s'],
  ] as const)('shows a duration in %s with its own decimal sign', async (language, shown) => {
    const i18n = new I18n();
    await i18n.use(language);
    expect(i18n.duration(4_400).replace(/\s/g, ' ')).toBe(shown);
  });

  it('shows sizes in binary steps and unknown times as a dash', async () => {
    const i18n = new I18n();
    await i18n.use('en');
    expect([0, 1023, 1536, 5 * 1024 ** 3].map((size) => i18n.bytes(size))).toEqual([
      '0\u00a0B',
      '1,023\u00a0B',
      '1.5\u00a0KiB',
      '5\u00a0GiB',
    ]);
    expect(i18n.dateTime('0001-01-01T00:00:00Z')).toBe('–');
  });

  it('shows sizes as the language writes them, those that the engine gives, too', async () => {
    const i18n = new I18n();
    await i18n.use('fr');
    expect([7, 1536, 5 * 1024 ** 3].map((size) => i18n.bytes(size))).toEqual([
      '7\u00a0o',
      '1,5\u00a0Kio',
      '5\u00a0Gio',
    ]);
    expect(i18n.t('health.disk.ok', { free: '45.5 GiB', total: '252 GiB' })).toBe(
      '45,5\u00a0Gio libres sur 252\u00a0Gio.',
    );
    await i18n.use('it');
    expect(i18n.t('health.disk.ok', { free: '45.5 GiB', total: '252 GiB' })).toBe(
      '45,5\u00a0GiB liberi su 252\u00a0GiB.',
    );
  });
});
