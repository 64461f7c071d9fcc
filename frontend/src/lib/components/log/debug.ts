/** A debug line for reading: the engine writes each as a JSON object of slog, with message and values. */
export function debugText(line: string): string {
  let record: unknown;
  try {
    record = JSON.parse(line);
  } catch {
    return line;
  }
  if (typeof record !== 'object' || record === null || !('msg' in record)) return line;
  const { level, msg, ...values } = record as Record<string, unknown>;
  // The time is the line's own.
  delete values['time'];
  const parts = Object.entries(values).map(
    ([key, value]) =>
      `${key}=${typeof value === 'string' && !/[\s"]/.test(value) ? value : JSON.stringify(value)}`,
  );
  const prefix = level === undefined || level === 'INFO' ? '' : `${String(level)} `;
  return [`${prefix}${String(msg)}`, ...parts].join('  ');
}
