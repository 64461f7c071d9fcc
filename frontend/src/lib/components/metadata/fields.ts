import type { DoorError, Text } from '$lib/api/types';
import { i18n } from '$lib/i18n/i18n.svelte';
import { levels } from '$lib/levels';

export type Kind = 'text' | 'paths' | 'line' | 'words' | 'lines' | 'flag' | 'number' | 'choice';

export interface Known {
  name: string;
  kind: Kind;
  /** For a choice: values, and the keys of their texts. */
  options?: { value: string; text: string }[];
}

/** The fields of a script that people edit, but for its parameters, by part of the form. */
export const parts: { id: string; fields: Known[] }[] = [
  {
    id: 'words',
    fields: [
      { name: 'name', kind: 'text' },
      { name: 'description', kind: 'text' },
      { name: 'description_long', kind: 'paths' },
      { name: 'category', kind: 'line' },
      { name: 'tags', kind: 'words' },
      {
        name: 'required_level',
        kind: 'choice',
        options: levels.map((value) => ({ value, text: `level.${value}` })),
      },
    ],
  },
  {
    id: 'run',
    fields: [
      {
        name: 'interface',
        kind: 'choice',
        options: ['web', 'none'].map((value) => ({ value, text: `ui.metadata.interface.${value}` })),
      },
      {
        name: 'network',
        kind: 'choice',
        options: ['full', 'local', 'none'].map((value) => ({ value, text: `ui.metadata.network.${value}` })),
      },
      { name: 'auto_open_interface', kind: 'flag' },
      { name: 'requires_parameters', kind: 'flag' },
      { name: 'confirm_close', kind: 'flag' },
      { name: 'background', kind: 'flag' },
      { name: 'always_on', kind: 'flag' },
      { name: 'execution_timeout', kind: 'number' },
      { name: 'flask_port', kind: 'number' },
      { name: 'memory_limit', kind: 'line' },
      { name: 'cpu_limit', kind: 'line' },
      { name: 'paths', kind: 'lines' },
    ],
  },
];

const known = new Map(parts.flatMap(({ fields }) => fields).map((field) => [field.name, field]));

export function fieldName(name: string): string {
  return i18n.t(`ui.metadata.field.${name}`);
}

export function sourceName(source: string): string {
  return i18n.t(`ui.metadata.source.${source}`);
}

/** The errors of what lies below a path, by what is left of theirs. */
export function errorsBelow(
  errors: Readonly<Record<string, DoorError>>,
  path: string,
): Record<string, DoorError> {
  const begin = `${path}.`;
  return Object.fromEntries(
    Object.entries(errors).flatMap(([one, error]) =>
      one.startsWith(begin) ? [[one.slice(begin.length), error]] : [],
    ),
  );
}

/** A value as a person reads it, in one line or some. */
export function valueText(name: string, value: unknown): string {
  const nothing = i18n.t('ui.metadata.nothing');
  if (value === null || value === undefined || value === '') return nothing;
  if (typeof value === 'boolean') return i18n.t(value ? 'ui.form.yes' : 'ui.form.no');
  const option = known.get(name)?.options?.find((one) => one.value === value);
  if (option) return i18n.t(option.text);
  if (name === 'parameters' && Array.isArray(value)) {
    return value.length === 0 ? nothing : value.map((one) => JSON.stringify(one)).join('\n');
  }
  if (Array.isArray(value)) return value.length === 0 ? nothing : value.join(', ');
  if (typeof value === 'object') {
    const texts = Object.entries(value as Text).map(([language, text]) => `${language}: ${String(text)}`);
    return texts.length === 0 ? nothing : texts.join('\n');
  }
  if (value === 0 && name === 'flask_port') return nothing;
  return typeof value === 'number' ? String(value) : String(value as string);
}
