import { beforeAll, describe, expect, it } from 'vitest';
import type { Execution } from '$lib/api/types';
import {
  createRequest,
  draftFor,
  emptyDraft,
  importRequest,
  nameProblem,
  relative,
  renamed,
} from '$lib/components/environment/draft';
import { i18n } from '$lib/i18n/i18n.svelte';
import { execution, TestDoor } from '../../test/door';
import { Changing, Wanting } from './changing.svelte';
import { Jobs } from './jobs.svelte';

function job(id: string, changes: Partial<Execution> = {}): Execution {
  const progress = { percent_done: 0, step: '', steps: [], text: '' };
  return execution({
    id,
    script_id: '',
    has_page: false,
    job: { action: 'create', target: '/envs/a', progress },
    ...changes,
  });
}

beforeAll(() => i18n.use('en'));

describe('a new environment, as it is filled in', () => {
  it('asks for what its kind takes, and for nothing that is empty', () => {
    const draft = {
      ...emptyDraft(),
      name: ' a ',
      version: '3.12',
      packages: 'numpy >= 1.2\n\n scipy ',
      channels: 'conda-forge, defaults',
      requirements: '/r.txt',
    };
    expect(createRequest(draft, 'mamba')).toEqual({
      name: 'a',
      kind: 'conda',
      tool: 'mamba',
      python: '3.12',
      packages: ['numpy >= 1.2', 'scipy'],
      channels: ['conda-forge', 'defaults'],
    });
    expect(createRequest({ ...draft, interpreter: '/usr/bin/python3' }, 'venv')).toEqual({
      name: 'a',
      kind: 'venv',
      python: '/usr/bin/python3',
      packages: ['numpy >= 1.2', 'scipy'],
      requirements: '/r.txt',
    });
    expect(importRequest({ ...emptyDraft(), name: 'a', file: ' /e.yml ' }, 'conda')).toEqual({
      name: 'a',
      file: '/e.yml',
      tool: 'conda',
    });
  });

  it('takes of a group its requirements.txt, and without one what its scripts import', () => {
    const needs = {
      group_id: 'g',
      name: 'g-2',
      requirements: '',
      lines: [],
      packages: ['flask'],
      offline_folder: '',
    };
    expect(draftFor(needs, ['Flask', 'numpy'])).toMatchObject({
      name: 'g-2',
      packages: 'flask\nnumpy',
      group: 'g',
    });
    expect(draftFor({ ...needs, requirements: '/g/r.txt' }, ['numpy'])).toMatchObject({
      packages: 'flask',
      requirements: '/g/r.txt',
    });
  });

  it('names packages as the tool calls them, and leaves what was typed', () => {
    const conda = { 'opencv-python': 'opencv', torch: 'pytorch' };
    const asConda = renamed('flask\nopencv-python\ntorch>=2', conda, false);
    expect(asConda).toBe('flask\nopencv\ntorch>=2');
    expect(renamed(asConda, conda, true)).toBe('flask\nopencv-python\ntorch>=2');
    expect(renamed('a\n\nb', {}, false)).toBe('a\n\nb');
  });

  it.each(['fluid-2', '_a', 'café', 'a.b+c', ''])('takes %j for a name', (name) => {
    expect(nameProblem(name)).toBeNull();
  });
  it.each([
    'base',
    'Root',
    '-a',
    '.a',
    'a b',
    'a/b',
    'a..b',
    'a.',
    'con.txt',
    'COM0',
    'lpt0.log',
    'a.lock',
    '$(x)',
    'a'.repeat(101),
  ])('refuses %j', (name) => {
    expect(nameProblem(name)?.code).toBe('environment_name');
  });
  it('knows full paths of both systems', () => {
    expect(['', '/a', 'C:\\a', 'c:/a', '\\\\host\\a'].filter(relative)).toEqual([]);
    expect(['a', './a', '~/a', 'C:a'].filter(relative)).toEqual(['a', './a', '~/a', 'C:a']);
  });
});

describe('what was refused', () => {
  const refusing = async (error: object) => {
    const door = new TestDoor({
      'Environments.Create': () => {
        throw error;
      },
    });
    const store = new Changing(door, new Jobs(door));
    expect(await store.begin('Environments.Create', { name: 'a' })).toBeNull();
    expect(store.busy).toBe(false);
    return store;
  };

  it('is said at the field, with what to do', async () => {
    const store = await refusing({
      code: 'invalid',
      fields: { packages: { code: 'field_invalid', params: { name: 'packages', value: '-x' } } },
    });
    expect(store.at('packages', 'Packages')?.text).toContain('“-x” is not a package');
    expect(store.at('name', 'Name')).toBeNull();
    expect(store.general(['packages'])).toBeNull();
    // A form without that field says it below.
    expect(store.general(['name'])?.code).toBe('invalid');
  });

  it('is said at the field that a code of the whole is about', async () => {
    const store = await refusing({ code: 'environment_exists', params: { environment: 'a', path: '/a' } });
    expect(store.at('name', 'Name')?.code).toBe('environment_exists');
    expect(store.general(['name'])).toBeNull();
    expect((await refusing({ code: 'environment_busy' })).general(['name'])?.code).toBe('environment_busy');
  });
});

describe('the changes that are shown', () => {
  it('are followed to their end, also one that was not heard of', async () => {
    const door = new TestDoor({
      'Executions.Get': ({ execution_id: id }: { execution_id: string }) => job(id, { state: 'failed' }),
    });
    const jobs = new Jobs(door);
    jobs.arrived(execution());
    jobs.arrived(job('old', { state: 'completed' }));
    expect(jobs.items).toEqual([]);
    jobs.begin(job('a'), emptyDraft());
    await jobs.living([]);
    expect(jobs.items.map((item) => item.state)).toEqual(['failed']);
    expect(jobs.draft('a')).toEqual(emptyDraft());
    expect(jobs.of('/envs/a')).toHaveLength(1);
    // Trying again takes the place of what failed.
    jobs.begin(job('b'));
    expect(jobs.items.map((item) => item.id)).toEqual(['b']);
    jobs.putAway('b');
    expect(jobs.items).toEqual([]);
  });

  it('are told where they are seen, once', () => {
    const jobs = new Jobs(new TestDoor({}));
    const [first, second] = [jobs.show('a'), jobs.show('a')];
    first();
    expect(jobs.shown('a')).toBe(true);
    second();
    expect(jobs.shown('a')).toBe(false);
  });
});

describe('an environment for a group', () => {
  it('is offered where something is missing, by the names that pip knows', async () => {
    const choices = { tools: [], pythons: [], venv_folder: '/v', group: null };
    const missing = (module: string, more = {}) => ({
      module,
      package: module,
      conda: module,
      file: 'a.py',
      line: 1,
      optional: false,
      standard: false,
      ...more,
    });
    const door = new TestDoor({
      'Environments.Choices': () => choices,
      'Environments.Check': () => ({
        environment: {},
        checked: 1,
        scripts: [
          {
            script_id: 'g/a',
            script_name: {},
            problem: null,
            missing: [missing('cv2', { package: 'opencv-python' }), missing('orjson', { optional: true })],
          },
        ],
      }),
    });
    const wanting = new Wanting(door);
    await wanting.load('g', '');
    expect(wanting.wants).toBe(false);
    await wanting.load('g', '/usr');
    expect(wanting.missing).toEqual(['opencv-python']);
    expect(wanting.wants).toBe(true);
  });
});
