import type { Parameter, ParameterType } from '$lib/api/types';

export const parameterTypes: readonly ParameterType[] = [
  'string',
  'text',
  'integer',
  'number',
  'boolean',
  'select',
  'multiselect',
  'path',
  'file',
  'directory',
  'date',
  'datetime',
  'color',
  'password',
  'json',
];

/** A copy of a parameter that says nothing of one of its properties. */
export function without(p: Parameter, key: keyof Parameter | undefined): Parameter {
  return Object.fromEntries(Object.entries(p).filter(([name]) => name !== key)) as unknown as Parameter;
}

/** The values of a condition as they are typed: with commas between. */
export function conditionText(want: unknown): string {
  const list = Array.isArray(want) ? (want as unknown[]) : [want];
  return list.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join(', ');
}

/** One value, or the list of those that will do. */
export function conditionOf(text: string): unknown {
  const list = text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
  return list.length === 1 ? list[0] : list.length === 0 ? '' : list;
}
