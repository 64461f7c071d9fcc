import { describe, expect, it } from 'vitest';
import type { Assigned, Environment, ScriptImports } from '$lib/api/types';
import { TestDoor } from '../../test/door';
import { Assigning, lacks } from './assigning.svelte';

function environment(path: string, state: Environment['state'] = 'ok'): Environment {
  return {
    id: path,
    name: path.slice(1),
    path,
    python: `${path}/bin/python`,
    kind: 'venv',
    tool: '',
    root: '',
    python_version: '3.12.1',
    flask_version: '3.0.0',
    state,
    problem: null,
    size_bytes: 0,
    writable_by_others: false,
    default: false,
    detected_at: '2026-01-02T03:04:05Z',
    verified_at: null,
  };
}

function needs(module: string, optional = false): ScriptImports {
  const missing = {
    module,
    package: module,
    conda: module,
    file: 'heat.py',
    line: 3,
    optional,
    standard: false,
  };
  return { script_id: 'thermal/heat', script_name: { en: 'Heat' }, missing: [missing], problem: null };
}

describe('choosing an environment', () => {
  it('asks what each lacks in which scripts can run, and of a viewer nothing', async () => {
    const door = new TestDoor({
      'Environments.List': () => [
        environment('/a'),
        environment('/b', 'broken'),
        environment('/c', 'no_flask'),
      ],
      'Environments.Check': ({ environment: path }: { environment: string }) => ({
        environment: environment(path),
        checked: 1,
        scripts: path === '/c' ? [needs('flask')] : [],
      }),
    });
    const store = new Assigning(door);
    await store.load({ group_id: 'thermal' }, true);
    expect(Object.keys(store.checks)).toEqual(['/a', '/c']);
    expect(
      door.calls.filter((call) => call.method === 'Environments.Check').map((call) => call.argument),
    ).toEqual([
      { group_id: 'thermal', environment: '/a' },
      { group_id: 'thermal', environment: '/c' },
    ]);
    await store.load({ group_id: 'thermal' }, false);
    expect(store.checks).toEqual({});
  });

  it('keeps a check that failed apart from the others', async () => {
    const door = new TestDoor({
      'Environments.List': () => [environment('/a'), environment('/b')],
      'Environments.Check': ({ environment: path }: { environment: string }) => {
        if (path === '/a') throw { code: 'environment_broken', params: { environment: 'a' } };
        return { environment: environment(path), checked: 1, scripts: [] };
      },
    });
    const store = new Assigning(door);
    await store.load({ script_id: 'thermal/heat' }, true);
    expect(store.checks['/a']).toMatchObject({ code: 'environment_broken' });
    expect(store.checks['/b']).toMatchObject({ checked: 1 });
  });

  it('says why an environment was refused', async () => {
    const assigned = { source: 'group', fallback: '', environment: environment('/a') } as Assigned;
    const door = new TestDoor({
      'Environments.Assign': ({ environment: path }: { environment: string }) => {
        if (path === '/b') throw { code: 'environment_unfit', params: { environment: 'b', path: '/b' } };
        return assigned;
      },
    });
    const store = new Assigning(door);
    expect(await store.assign({ group_id: 'thermal' }, '/b')).toBeNull();
    expect(store.failure).toMatchObject({ code: 'environment_unfit' });
    expect(await store.assign({ group_id: 'thermal' }, '/a')).toEqual(assigned);
    expect(store.failure).toBeNull();
    expect(store.busy).toBe(false);
  });

  it('names each missing module once, and none that the script can do without', () => {
    expect(lacks([needs('scipy'), needs('numpy'), needs('numpy'), needs('orjson', true)])).toEqual([
      'numpy',
      'scipy',
    ]);
    expect(lacks(null)).toEqual([]);
  });
});
