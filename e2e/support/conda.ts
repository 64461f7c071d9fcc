import { execFileSync } from 'node:child_process';
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

// As conda-pack lays an archive out: the environment's files, with conda-unpack beside its Python.
const pack = `
import io, sys, tarfile
target, link = sys.argv[1:]
files = {
    "conda-meta/history": ("==> 2026-11-21 01:22:10 <==\\n", 0o644),
    "conda-meta/python-3.11.7-h955ad1f_0_cpython.json": ("{}", 0o644),
    "bin/python3.11": ("#!/bin/sh\\nexec /usr/bin/python3 \\"$@\\"\\n", 0o755),
    "bin/conda-unpack": ("import os, sys\\nhere = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))\\nopen(os.path.join(here, 'adapted'), 'w').write(here)\\n", 0o755),
}
with tarfile.open(target, "w:gz") as archive:
    for name, (text, mode) in files.items():
        member = tarfile.TarInfo(name)
        member.size, member.mode = len(text.encode()), mode
        archive.addfile(member, io.BytesIO(text.encode()))
    links = [("bin/python", "python3.11")] + ([("lib", link)] if link else [])
    for name, leads in links:
        member = tarfile.TarInfo(name)
        member.type, member.linkname = tarfile.SYMTYPE, leads
        archive.addfile(member)
`;

/** Writes an archive as conda-pack does; with `link`, one in which a link leads there. */
export function packed(file: string, link = ''): void {
  execFileSync('/usr/bin/python3', ['-c', pack, file, link]);
}
