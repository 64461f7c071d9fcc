export type TimeStyle = 'off' | 'absolute' | 'relative';

const two = (value: number) => String(value).padStart(2, '0');
const three = (value: number) => String(value).padStart(3, '0');

/** A line's time by the clock of this place, or since the log began; '' where it is not known. */
export function lineTime(time: string, style: TimeStyle, begun: string): string {
  if (style === 'off') return '';
  const date = new Date(time);
  // Go's zero time means "not known".
  if (Number.isNaN(date.getTime()) || date.getUTCFullYear() <= 1) return '';
  if (style === 'absolute') {
    return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${three(date.getMilliseconds())}`;
  }
  const start = new Date(begun).getTime();
  if (Number.isNaN(start)) return '';
  const since = Math.max(0, date.getTime() - start);
  const seconds = Math.floor(since / 1000);
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}.${three(since % 1000)}`;
  return `+${seconds >= 3600 ? `${String(Math.floor(seconds / 3600))}:` : ''}${rest}`;
}
