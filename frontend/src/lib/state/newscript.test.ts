import { expect, it } from 'vitest';
import { DoorFailure } from '$lib/api';
import { TestDoor } from '../../test/door';
import { nameOf, NewScripts } from './newscript.svelte';

it('makes a name of a title', () => {
  for (const [title, name] of [
    ['Tank volume', 'tank_volume'],
    ['  Débit d’eau (m³/h) ', 'debit_d_eau_m_h'],
    ['2 pumps', 'pumps'],
    ['Größe', 'gro_e'],
    ['水', ''],
    ['_x_', 'x'],
    ['a'.repeat(80), 'a'.repeat(64)],
  ] as const)
    expect(nameOf(title)).toBe(name);
});

it('says at which field a name was refused', async () => {
  for (const [code, params, field] of [
    ['script_name', { name: 'Bad' }, 'name'],
    ['script_name', { name: 'con' }, 'group'],
    ['script_exists', { file: 'g/a.py' }, 'name'],
    ['script_title', { title: '[' }, 'title'],
    ['disk_full', {}, 'general'],
  ] as const) {
    const store = new NewScripts(
      new TestDoor({
        'Scripts.Create': () => {
          throw new DoorFailure({ code, params });
        },
      }),
    );
    expect(await store.create({ group_id: 'con', name: 'Bad', template: 'form', title: '' }, true)).toBe('');
    const said = {
      name: store.at('name'),
      group: store.at('group'),
      title: store.at('title'),
      general: store.general,
    };
    expect(
      Object.entries(said)
        .filter(([, error]) => error !== null)
        .map(([name]) => name),
      code,
    ).toEqual([field]);
    expect(store.busy).toBe(false);
  }
});
