import { readdirSync, readFileSync } from 'node:fs';

/** Whether a process runs; one that has ended and waits to be collected does not. */
export function runs(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const state = stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
    return state !== 'Z' && state !== 'X';
  } catch {
    return false;
  }
}

/** The command lines of all processes that name the text in their arguments or environment. */
export function mentioning(text: string): string[] {
  const found: string[] = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid || !runs(Number(name))) continue;
    try {
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8');
      const environment = readFileSync(`/proc/${name}/environ`, 'utf8');
      if (command.includes(text) || environment.includes(text))
        found.push(`${name}: ${command.replaceAll('\0', ' ')}`);
    } catch {
      // It ended while we looked, or is somebody else's.
    }
  }
  return found;
}
