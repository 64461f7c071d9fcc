import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Installation } from './installation.ts';

const here = import.meta.dirname;
const records = join(here, '../../backend/environment/change/testdata/conda');

/**
 * Puts a conda into the home of an installation whose program answers what a
 * real one did; new environments go into the folder that is given back.
 */
export function condaIn(house: Installation): string {
  const root = join(house.home, 'miniconda3');
  for (const folder of ['conda-meta', 'bin', 'condabin', 'envs'])
    mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, 'conda-meta/history'), '==> 2026-11-21 01:22:10 <==\n# cmd: conda create\n');
  writeFileSync(join(root, 'conda-meta/python-3.11.7-h955ad1f_0_cpython.json'), '{}');
  symlinkSync('/usr/bin/python3', join(root, 'bin/python'));
  const program = readFileSync(join(here, '../testdata/conda.sh'), 'utf8')
    .replaceAll('RECORDS', records)
    .replaceAll('HOME', house.home);
  writeFileSync(join(root, 'bin/conda'), program, { mode: 0o755 });
  writeFileSync(join(house.home, '.condarc'), 'envs_dirs:\n  - ~/mine\n');
  return join(house.home, 'mine');
}
