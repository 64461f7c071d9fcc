import { beforeEach, describe, expect, it } from 'vitest';
import type { Door, Group, Permission, PermissionRequest, Script, User } from '$lib/api';
import { cellKey, levelSubjects, PermissionStore, type Item, type Subject } from './permissions.svelte';

const script = (id: string, required: string) =>
  ({ id, group_id: id.split('/')[0], required_level: required }) as Script;
const person = (id: number, name: string, level: string) =>
  ({ id, name, level, display_name: name, active: true }) as User;

let asked: PermissionRequest[];
let permissions: Permission[];

function api(): Door {
  return {
    call: (method: string, argument?: { changes: PermissionRequest[] }) => {
      if (method === 'Permissions.Set') asked = argument?.changes ?? [];
      if (method !== 'Permissions.List') return Promise.resolve(permissions);
      return Promise.resolve({
        permissions,
        groups: [{ id: 'g' } as Group],
        scripts: [script('g/high', 'developer'), script('g/open', 'viewer'), script('g/strange', 'chief')],
        users: [person(1, 'ann', 'admin'), person(2, 'otto', 'operator')],
      });
    },
    listen: () => () => undefined,
  } as unknown as Door;
}

const group: Item = { key: 'g/', group: 'g' };
const high: Item = { key: 'g/high', group: 'g', script: script('g/high', 'developer') };
const open: Item = { key: 'g/open', group: 'g', script: script('g/open', 'viewer') };
const strange: Item = { key: 'g/strange', group: 'g', script: script('g/strange', 'chief') };
const operators = levelSubjects[1] as Subject;

async function store(...set: Partial<Permission>[]): Promise<{ store: PermissionStore; otto: Subject }> {
  permissions = set.map((one) => ({ group_id: 'g', allow: true, set_by: 'ann', set_at: '', ...one }));
  const made = new PermissionStore(api());
  await made.load();
  const otto = made.subjects.find((one) => one.user?.name === 'otto');
  if (!otto) throw new Error('otto has no column');
  return { store: made, otto };
}

beforeEach(() => {
  asked = [];
});

describe('PermissionStore', () => {
  it('has a column for each level but that of administrators, and for each person but them', async () => {
    const { store: made } = await store();
    expect(made.subjects.map(({ key }) => key)).toEqual([
      'level:viewer',
      'level:operator',
      'level:developer',
      'user:2',
    ]);
  });

  it('shows the people and the scripts that are looked for, and has nothing chosen that is not shown', async () => {
    const { store: made, otto } = await store();
    made.toggle(group, otto);
    made.toggle(group, operators);
    expect(made.items.map(({ key }) => key)).toEqual(['g/']);
    made.show({ people: 'an' });
    expect(made.subjects.map(({ key }) => key)).toEqual(levelSubjects.map(({ key }) => key));
    expect([...made.chosen]).toEqual([cellKey(group, operators)]);
    made.show({ people: 'OTT', objects: 'high' });
    expect(made.subjects.at(-1)?.user?.name).toBe('otto');
    expect(made.items.map(({ key }) => key)).toEqual(['g/', 'g/high']);
    made.show({ objects: '', opened: ['g'] });
    expect(made.items.map(({ key }) => key)).toEqual(['g/', 'g/high', 'g/open', 'g/strange']);
    made.show({ objects: 'nowhere' });
    expect(made.items).toEqual([]);
    expect(made.chosen.size).toBe(0);
  });

  it('shows what a cell takes over: of the script before the group, of the person before the level', async () => {
    let { store: made, otto } = await store();
    expect(made.held(group, otto)).toEqual({ own: false, allow: 'open' });
    expect(made.held(high, otto)).toEqual({ own: false, allow: false });
    expect(made.held(open, otto)).toEqual({ own: false, allow: true });
    expect(made.held(strange, otto)).toEqual({ own: false, allow: false });

    ({ store: made, otto } = await store(
      { level: 'operator', allow: false },
      { script_id: 'g/high', level: 'operator' },
    ));
    expect(made.held(group, operators)).toEqual({ own: true, allow: false });
    expect(made.held(group, otto)).toEqual({ own: false, allow: false });
    expect(made.held(open, otto)).toEqual({ own: false, allow: false });
    expect(made.held(high, otto)).toEqual({ own: false, allow: true });

    ({ store: made, otto } = await store({ level: 'operator', allow: false }, { user_id: 2 }));
    expect(made.held(open, otto)).toEqual({ own: false, allow: true });
    expect(made.held(group, otto)).toEqual({ own: true, allow: true });
    expect(made.held(open, operators)).toEqual({ own: false, allow: false });
  });

  it('sets all that is chosen at once, by name', async () => {
    const { store: made, otto } = await store();
    made.toggle(group, operators);
    made.toggleAll([cellKey(high, otto), cellKey(open, otto)]);
    made.toggle(open, otto);
    expect(await made.set('deny')).toBe(true);
    expect(asked).toEqual([
      { group_id: 'g', level: 'operator', effect: 'deny' },
      { script_id: 'g/high', user: 'otto', effect: 'deny' },
    ]);
    expect(made.chosen.size).toBe(0);
  });

  it('chooses none where all were chosen', async () => {
    const { store: made, otto } = await store();
    const cells = [cellKey(high, otto), cellKey(open, otto)];
    made.toggleAll(cells);
    expect([...made.chosen]).toEqual(cells);
    made.toggleAll(cells);
    expect(made.chosen.size).toBe(0);
  });
});
