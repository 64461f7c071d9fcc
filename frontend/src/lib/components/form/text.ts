import type { DoorError, Parameter } from '$lib/api/types';
import type { I18n } from '$lib/i18n/i18n.svelte';
import { secret } from './validate';

/** The name that a person reads. */
export function labelOf(i18n: I18n, p: Parameter): string {
  return i18n.text(p.label) || p.name;
}

/** The engine's sentence for what is wrong, in the words of the form: its label, numbers as people write them. */
export function messageOf(i18n: I18n, p: Parameter, error: DoorError): string {
  const params: Record<string, unknown> = { ...error.params, name: labelOf(i18n, p) };
  for (const key of ['min', 'max', 'step']) {
    const value = params[key];
    if (typeof value === 'number') params[key] = i18n.number(value, { maximumFractionDigits: 12 });
  }
  if (typeof params['type'] === 'string' && i18n.has(`type.${params['type']}`))
    params['type'] = i18n.t(`type.${params['type']}`);
  if (error.code === 'parameter_option')
    params['options'] = (p.options ?? []).map((option) => i18n.text(option.label) || option.value).join(', ');
  return i18n.error({ ...error, params });
}

/** What a value must be like, said before anything is wrong; '' where there is nothing to say. */
export function hintOf(i18n: I18n, p: Parameter): string {
  const number = (value: number) => i18n.number(value, { maximumFractionDigits: 12 });
  const hints: string[] = [];
  const { min, max, step } = p;
  const hasMin = typeof min === 'number';
  const hasMax = typeof max === 'number';
  const params = { min: hasMin ? number(min) : '', max: hasMax ? number(max) : '' };
  const what = hasMin && hasMax ? 'between' : hasMin ? 'least' : hasMax ? 'most' : '';
  if (what && (p.type === 'integer' || p.type === 'number'))
    hints.push(i18n.t(`ui.form.number_${what}`, params));
  if (what && (p.type === 'string' || p.type === 'text' || p.type === 'password'))
    hints.push(i18n.t(`ui.form.length_${what}`, params));
  if (typeof step === 'number' && step > 0 && !(p.type === 'integer' && step === 1))
    hints.push(i18n.t('ui.form.steps', { step: number(step) }));
  if (p.type === 'path') hints.push(i18n.t('ui.form.path'));
  if (p.type === 'file') hints.push(i18n.t('ui.form.file'));
  if (p.type === 'directory') hints.push(i18n.t('ui.form.directory'));
  if (secret(p)) hints.push(i18n.t('ui.form.secret'));
  return hints.join(' ');
}

const decimal = /^[+-]?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d+)?$/i;

/**
 * The value that a field's text stands for. A number that is typed right is a
 * number; the comma is the decimal one where the person's language writes it
 * so (`comma`), and an error elsewhere, since there it may mean thousands.
 */
export function valueOf(p: Parameter, text: string, comma: boolean): unknown {
  if (p.type !== 'integer' && p.type !== 'number') return text;
  const trimmed = text.trim();
  if (trimmed === '') return '';
  if (!decimal.test(trimmed) || (trimmed.includes(',') && !comma)) return text;
  const number = Number(trimmed.replace(',', '.'));
  return Number.isFinite(number) ? number : text;
}

/** The text that stands in a field for a value. */
export function textOf(p: Parameter, value: unknown, comma: boolean): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return comma ? String(value).replace('.', ',') : String(value);
  if (typeof value !== 'string') return JSON.stringify(value, null, p.type === 'json' ? 2 : undefined);
  return value;
}

/** The number one step up or down from a value, within the limits and on the grid of steps. */
export function stepped(p: Parameter, value: unknown, direction: 1 | -1): number {
  const step = typeof p.step === 'number' && p.step > 0 ? p.step : 1;
  const base = typeof p.min === 'number' ? p.min : 0;
  const from = typeof value === 'number' ? value : base - direction * step;
  const steps = (from - base) / step;
  const next = base + (direction > 0 ? Math.floor(steps + 1e-9) + 1 : Math.ceil(steps - 1e-9) - 1) * step;
  const limited = Math.min(
    typeof p.max === 'number' ? p.max : Infinity,
    Math.max(typeof p.min === 'number' ? p.min : -Infinity, next),
  );
  return Number(limited.toPrecision(12));
}
