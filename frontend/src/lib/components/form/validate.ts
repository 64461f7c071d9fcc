import type { DoorError, Parameter } from '$lib/api/types';

/**
 * The engine's own check of parameters (backend/execution/parameter.go), so
 * that a field tells what is wrong while it is typed into. What only the engine
 * can know, such as whether a file is there, it leaves to the engine.
 */
export interface Checked {
  /** The values in their types, without empty and hidden ones. */
  values: Record<string, unknown>;
  fields: Record<string, DoorError>;
}

const listMost = 1000;

export function check(declared: readonly Parameter[], given: Readonly<Record<string, unknown>>): Checked {
  const result: Checked = { values: {}, fields: {} };
  const known = new Set(declared.map((p) => p.name));
  for (const name of Object.keys(given)) {
    if (!known.has(name)) result.fields[name] = { code: 'parameter_unknown', params: { name } };
  }
  const all = effective(declared, given);
  for (const p of declared) {
    if (!shown(p, all)) continue;
    const value = all[p.name];
    if (empty(value)) {
      if (p.required) result.fields[p.name] = { code: 'parameter_required', params: { name: p.name } };
      continue;
    }
    try {
      result.values[p.name] = checkValue(p, value);
    } catch (thrown) {
      if (!(thrown instanceof Wrong)) throw thrown;
      result.fields[p.name] = thrown.error;
    }
  }
  return result;
}

/** The given values, with the defaults of those that are not given. */
export function effective(
  declared: readonly Parameter[],
  given: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return Object.fromEntries(
    declared.map((p) => [p.name, Object.hasOwn(given, p.name) ? given[p.name] : p.default]),
  );
}

/** Whether a parameter applies: every entry of depends_on equals, or has among its list, the other's value. */
export function shown(p: Parameter, values: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(p.depends_on ?? {}).every(([other, want]) => {
    const have = plain(values[other]);
    return Array.isArray(want) ? want.some((one) => plain(one) === have) : plain(want) === have;
  });
}

/** A value as text that is the same however it was written: true and "true", 1 and "1". */
export function plain(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return `[${value.map(plain).join(' ')}]`;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

export function empty(value: unknown): boolean {
  return (
    value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0)
  );
}

/** Whether its values are never stored or shown. */
export function secret(p: Parameter): boolean {
  return p.sensitive === true || p.type === 'password';
}

/** Whether it takes a list of values. */
export function several(p: Parameter): boolean {
  return p.multiple === true || p.type === 'multiselect';
}

/** What is wrong with one value, which is an item where the parameter takes several; null if nothing is. */
export function wrongWith(p: Parameter, value: unknown): DoorError | null {
  try {
    checkOne(p, value);
    return null;
  } catch (thrown) {
    if (thrown instanceof Wrong) return thrown.error;
    throw thrown;
  }
}

class Wrong extends Error {
  readonly error: DoorError;

  constructor(kind: string, p: Parameter, params: Record<string, unknown>) {
    super(kind);
    this.error = { code: `parameter_${kind}`, params: { name: p.name, ...params } };
  }
}

function wrongType(p: Parameter): Wrong {
  return new Wrong('type', p, { type: p.type });
}

function checkValue(p: Parameter, value: unknown): unknown {
  if (!several(p)) return checkOne(p, value);
  const list = asList(value);
  if (list.length > listMost) throw new Wrong('max', p, { max: listMost });
  return list.map((one) => checkOne(p, one));
}

function asList(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  if (typeof value !== 'string') return [value];
  try {
    const parsed: unknown = JSON.parse(value);
    if (Array.isArray(parsed)) return parsed;
  } catch {
    // Then it is words with commas between.
  }
  return value.split(',').map((one) => one.trim());
}

function checkOne(p: Parameter, value: unknown): unknown {
  switch (p.type) {
    case 'integer':
    case 'number':
      return checkNumber(p, value);
    case 'boolean': {
      const word = plain(value);
      if (['true', '1', 'yes', 'on'].includes(word)) return true;
      if (['false', '0', 'no', 'off'].includes(word)) return false;
      throw wrongType(p);
    }
    case 'json':
      if (typeof value !== 'string') return value;
      try {
        return JSON.parse(value);
      } catch {
        throw wrongType(p);
      }
    case 'select':
    case 'multiselect': {
      const options = (p.options ?? []).map((option) => option.value);
      if (!options.includes(plain(value))) throw new Wrong('option', p, { options: options.join(', ') });
      return plain(value);
    }
    default:
      if (typeof value !== 'string' || value.includes('\0')) throw wrongType(p);
      return checkString(p, value);
  }
}

function checkString(p: Parameter, value: string): string {
  if (p.type === 'date' && !isDate(value)) throw wrongType(p);
  if (p.type === 'datetime' && !isDatetime(value)) throw wrongType(p);
  if (p.type === 'color' && !/^#[0-9a-f]{6}$/i.test(value)) throw wrongType(p);
  if (['path', 'file', 'directory'].includes(p.type) && !isAbsolute(value))
    throw new Wrong('path', p, { path: value });
  const pattern = p.pattern ? toRegExp(p.pattern) : null;
  if (pattern && !pattern.test(value)) throw new Wrong('pattern', p, { pattern: p.pattern });
  if (p.type === 'string' || p.type === 'text' || p.type === 'password') {
    const length = [...value].length;
    if (isNumber(p.min) && length < p.min) throw new Wrong('min', p, { min: p.min });
    if (isNumber(p.max) && length > p.max) throw new Wrong('max', p, { max: p.max });
  }
  return value;
}

function checkNumber(p: Parameter, value: unknown): number {
  const number = toNumber(value);
  if (!Number.isFinite(number)) throw wrongType(p);
  if (p.type === 'integer' && (!Number.isInteger(number) || Math.abs(number) > 2 ** 53)) throw wrongType(p);
  if (isNumber(p.min) && number < p.min) throw new Wrong('min', p, { min: p.min });
  if (isNumber(p.max) && number > p.max) throw new Wrong('max', p, { max: p.max });
  if (isNumber(p.step) && p.step > 0) {
    const steps = (number - (p.min ?? 0)) / p.step;
    // Decimal steps such as 0.1 are not exact in binary.
    if (Math.abs(steps - Math.round(steps)) > 1e-6 * Math.max(1, Math.abs(steps)))
      throw new Wrong('step', p, { step: p.step });
  }
  return number;
}

// A limit that is not set may be missing or null.
function isNumber(value: number | null | undefined): value is number {
  return typeof value === 'number';
}

function toNumber(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || !/^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(value)) return NaN;
  return Number(value);
}

function isDate(value: string): boolean {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(value);
  if (!match) return false;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

function isDatetime(value: string): boolean {
  const match = /^(\d{4}-\d\d-\d\d)([T ])(\d\d):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?(Z|[+-]\d\d:\d\d)?$/.exec(
    value,
  );
  if (!match?.[1] || !isDate(match[1])) return false;
  const [, , between, hour, minute, second, zone] = match;
  // Go's layouts: a zone needs T and seconds, a blank needs seconds and no zone.
  if (second === undefined && (zone !== undefined || between === ' ')) return false;
  if (zone !== undefined && between === ' ') return false;
  if (zone !== undefined && zone !== 'Z' && (Number(zone.slice(1, 3)) > 24 || Number(zone.slice(4)) > 60))
    return false;
  return Number(hour) < 24 && Number(minute) < 60 && Number(second ?? 0) < 60;
}

// The engine may run on the other system than this browser, so both kinds of path may be right.
function isAbsolute(value: string): boolean {
  return /^(\/|[a-z]:[\\/]|\\\\)/i.test(value);
}

/** Go's pattern as the browser's; null where the browser knows it not, then the engine alone checks it. */
function toRegExp(pattern: string): RegExp | null {
  let source = pattern.replaceAll('(?P<', '(?<').replaceAll('\\A', '^').replaceAll('\\z', '$');
  let flags = '';
  const leading = /^\(\?([is]+)\)/.exec(source);
  if (leading) {
    flags = [...new Set(leading[1])].join('');
    source = source.slice(leading[0].length);
  }
  for (const unicode of ['u', '']) {
    try {
      return new RegExp(`^(?:${source})$`, flags + unicode);
    } catch {
      // Without the flag the browser is less strict.
    }
  }
  return null;
}
