export type Place = { line: number } | { time: Date };

const clock = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,3}))?)?$/;
const since = /^\+(?:(?:(\d+):)?(\d{1,4}):)?(\d{1,5})(?:[.,](\d{1,3}))?$/;

/**
 * What someone wants to go to: a line ("1200"), a time of day ("14:05",
 * "14:05:09.250"), a time since the log began ("+5:09", "+90"), or a date with a
 * time. Null where it is none of these, or depends on a beginning that is not known.
 */
export function placeOf(text: string, begun: string): Place | null {
  const wanted = text.trim();
  const number = wanted.replace(/[\s.,'\u00a0\u202f]/g, '');
  if (/^\d+$/.test(number) && !/^\d+[.,]\d{1,2}$/.test(wanted)) return { line: Math.max(1, Number(number)) };
  const start = new Date(begun);
  const known = !Number.isNaN(start.getTime());
  const relative = since.exec(wanted);
  if (relative) {
    const [, hours = '0', minutes = '0', seconds = '0', part = '0'] = relative;
    const milliseconds = Number(part.padEnd(3, '0'));
    const length = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000 + milliseconds;
    return known ? { time: new Date(start.getTime() + length) } : null;
  }
  const day = clock.exec(wanted);
  if (day) {
    if (!known) return null;
    const [, hours, minutes, seconds = '0', part = '0'] = day;
    if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return null;
    const time = new Date(start);
    time.setHours(Number(hours), Number(minutes), Number(seconds), Number(part.padEnd(3, '0')));
    // A log that went on over midnight.
    if (time.getTime() < start.getTime() - 60_000) time.setDate(time.getDate() + 1);
    return { time };
  }
  if (!/^\d{4}-\d{2}-\d{2}[ T]\d/.test(wanted)) return null;
  const time = new Date(wanted.replace(' ', 'T'));
  return Number.isNaN(time.getTime()) ? null : { time };
}
