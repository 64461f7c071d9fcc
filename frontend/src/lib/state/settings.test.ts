import { describe, expect, it, vi } from 'vitest';
import { DoorFailure, type Door, type Setting, type SettingsView } from '$lib/api';
import { sections, SettingsStore } from './settings.svelte';

function setting(name: string, more: Partial<Setting> = {}): Setting {
  return {
    name,
    section: name.split('.')[0] ?? '',
    text: name,
    kind: 'integer',
    default: 5,
    allowed: '0–9',
    effect: 'now',
    variables: [],
    value: 5,
    file: null,
    source: 'default',
    ...more,
  };
}

function view(settings: Setting[], more: Partial<SettingsView> = {}): SettingsView {
  return { path: '/config.json', refused: false, since: null, problems: [], settings, ...more };
}

function house(first: SettingsView) {
  let now = first;
  const calls: [string, unknown][] = [];
  const answers: Record<string, (argument: unknown) => unknown> = {
    'Settings.List': () => now,
    'Settings.Check': () => ({ changes: [], view: now }),
    'Settings.Set': () => ({ changes: [], view: now }),
  };
  const door = {
    kind: 'browser',
    call: (method: string, argument: unknown) => {
      calls.push([method, argument]);
      return new Promise((done) => done(answers[method]?.(argument)));
    },
    listen: () => () => undefined,
  } as unknown as Door;
  return { store: new SettingsStore(door), calls, answers, change: (to: SettingsView) => (now = to) };
}

describe('settings', () => {
  it('stand by section and row', () => {
    const list = ['logs.retention_days.viewer', 'logs.retention_days.admin'].map((name) =>
      setting(name, { text: 'logs.retention_days' }),
    );
    const [logs, limits] = sections([...list, setting('logs.max_megabytes'), setting('limits.cpus')]);
    expect(logs?.rows.map(({ settings }) => settings.length)).toEqual([2, 1]);
    expect(limits?.name).toBe('limits');
  });

  it('are sent with what was seen when typing began, and what is typed stays when others save', async () => {
    const { store, calls, change } = house(view([setting('a.b', { value: 7, file: 7, source: 'file' })]));
    await store.load();
    store.edit('a.b', 8);
    change(view([setting('a.b', { value: 9, file: 9, source: 'file' })]));
    await store.load();
    const [only] = store.view?.settings ?? [];
    expect(only && store.shown(only)).toBe(8);
    await store.save();
    expect(calls.at(-1)).toEqual(['Settings.Set', { values: { 'a.b': 8 }, seen: { 'a.b': 7 } }]);
    expect(store.drafts.size).toBe(0);
  });

  it('keep what is typed while they are saved', async () => {
    const { store, calls, answers } = house(view([setting('a.b'), setting('a.c')]));
    await store.load();
    store.edit('a.b', 8);
    answers['Settings.Set'] = () => {
      store.edit('a.b', 9);
      store.edit('a.c', 1);
      return { changes: [], view: view([setting('a.b', { value: 8, file: 8 }), setting('a.c')]) };
    };
    await store.save();
    expect(Object.fromEntries(store.drafts)).toEqual({ 'a.b': 9, 'a.c': 1 });
    answers['Settings.Set'] = () => ({ changes: [], view: view([]) });
    await store.save();
    expect(calls.at(-1)).toEqual([
      'Settings.Set',
      { values: { 'a.b': 9, 'a.c': 1 }, seen: { 'a.b': 8, 'a.c': null } },
    ]);
    expect(store.drafts.size).toBe(0);
  });

  it('tell a conflict at the field, and go on with the own value when that is wanted', async () => {
    const { store, calls, answers, change } = house(view([setting('a.b')]));
    await store.load();
    store.edit('a.b', 8);
    change(view([setting('a.b', { value: 9, file: 9, source: 'file' })]));
    answers['Settings.Set'] = () => {
      throw new DoorFailure({
        code: 'invalid',
        fields: { 'a.b': { code: 'setting_changed', params: { theirs: '9', by: 'otto' } } },
      });
    };
    expect(await store.save()).toBeNull();
    expect(store.errors['a.b']?.code).toBe('setting_changed');
    await vi.waitFor(() => expect(store.setting('a.b')?.file).toBe(9));
    store.keep('a.b');
    expect(store.errors['a.b']).toBeUndefined();
    answers['Settings.Set'] = () => ({ changes: [], view: view([setting('a.b')]) });
    await store.save();
    expect(calls.at(-1)?.[1]).toEqual({ values: { 'a.b': 8 }, seen: { 'a.b': 9 } });
  });

  it('go back to the default, or to what stands there', async () => {
    const { store } = house(view([setting('a.b', { value: 7, file: 7, source: 'file' }), setting('a.c')]));
    await store.load();
    store.reset('a.b');
    store.reset('a.c');
    store.edit('a.c', 6);
    store.edit('a.c', 5);
    expect([...store.drafts]).toEqual([['a.b', null]]);
    store.edit('a.b', 7);
    expect(store.drafts.size).toBe(0);
  });

  it('take a wrong value out of the file although it counts for none', async () => {
    const wrong = {
      file: 'config.json',
      line: 1,
      code: 'config_invalid',
      params: { key: 'a.b' },
      warning: false,
    };
    const { store } = house(view([setting('a.b')], { refused: true, problems: [wrong] }));
    await store.load();
    store.reset('a.b');
    expect([...store.drafts]).toEqual([['a.b', null]]);
  });
});
