import type { Parameter } from '$lib/api/types';
import { canonical } from '$lib/canonical';
import { secret, several } from '../form/validate';

/** Whether two sets of values come to the same for a script: what is empty counts as not given, secrets do not count. */
export function sameValues(
  parameters: Parameter[],
  one: Record<string, unknown>,
  other: Record<string, unknown>,
): boolean {
  return parameters
    .filter((parameter) => !secret(parameter))
    .every(({ name }) => text(one[name]) === text(other[name]));
}

function text(value: unknown): string {
  if (value === undefined || value === null || (Array.isArray(value) && value.length === 0)) return '';
  return typeof value === 'object' ? canonical(value) : String(value as string | number | boolean);
}

/** The values that an address gives to a script's form, as `p.<name>`; what does not fit the parameter is left out. */
export function linkValues(parameters: Parameter[], query: string): Record<string, unknown> {
  const given = new URLSearchParams(query);
  const values: Record<string, unknown> = {};
  for (const parameter of parameters) {
    const texts = given.getAll(`p.${parameter.name}`);
    const first = texts[0];
    if (first === undefined || secret(parameter)) continue;
    if (parameter.type === 'integer' || parameter.type === 'number') {
      const number = Number(first);
      if (first.trim() && Number.isFinite(number)) values[parameter.name] = number;
    } else if (parameter.type === 'boolean') {
      if (first === 'true' || first === 'false') values[parameter.name] = first === 'true';
    } else values[parameter.name] = several(parameter) ? texts : first;
  }
  return values;
}
