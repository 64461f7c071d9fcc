import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

const make = `
import sys, zipfile
folder, name, version = sys.argv[1:]
info = "%s-%s.dist-info" % (name, version)
files = {
    name + ".py": "value = 42\\n",
    info + "/METADATA": "Metadata-Version: 2.1\\nName: %s\\nVersion: %s\\n" % (name, version),
    info + "/WHEEL": "Wheel-Version: 1.0\\nGenerator: tests\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
}
record = info + "/RECORD"
files[record] = "".join("%s,,\\n" % one for one in [*files, record])
with zipfile.ZipFile("%s/%s-%s-py3-none-any.whl" % (folder, name, version), "w") as wheel:
    for path, text in files.items():
        wheel.writestr(path, text)
`;

/** Writes a wheel with one module into a folder, for installations without a network. */
export function wheel(folder: string, name: string, version = '1.0'): void {
  mkdirSync(folder, { recursive: true });
  execFileSync('/usr/bin/python3', ['-c', make, folder, name, version]);
}
