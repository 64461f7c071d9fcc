import type { Setting } from '$lib/api/types';
import { i18n, isLanguage, languageNames } from '$lib/i18n/i18n.svelte';

/** What a setting is called; one of several of a row with its level. */
export function nameOf(setting: Setting): string {
  const name = i18n.t(`setting.name.${setting.text}`);
  if (setting.text === setting.name) return name;
  return `${name}: ${i18n.t(`level.${setting.name.slice(setting.text.length + 1)}`)}`;
}

/** A value as people read it. */
export function valueText(setting: Setting | undefined, value: unknown): string {
  if (typeof value === 'boolean') return i18n.t(value ? 'ui.settings.on' : 'ui.settings.off');
  if (typeof value === 'number') {
    const unit = setting?.unit ? ` ${i18n.t(`setting.unit.${setting.unit}`)}` : '';
    // What has no unit is no amount, as a port: it reads as it is typed.
    return `${i18n.number(value, { useGrouping: unit !== '' })}${unit}`;
  }
  if (Array.isArray(value))
    return value.length > 0 ? value.map(String).join(', ') : i18n.t('ui.settings.empty');
  if (typeof value === 'string')
    return value === '' ? i18n.t('ui.settings.empty') : optionText(setting, value);
  return JSON.stringify(value);
}

/** A choice as people read it: languages by their names, others as they stand in the file. */
export function optionText(setting: Setting | undefined, value: string): string {
  return setting?.options && isLanguage(value) ? languageNames[value] : value;
}

/** What a typed text means; what is no number goes as it is, for the engine to say so. */
export function typed(setting: Setting, text: string): unknown {
  if (setting.kind !== 'integer' && setting.kind !== 'number') return text;
  const number = Number(text.trim().replace(',', '.'));
  return text.trim() === '' || Number.isNaN(number) ? text : number;
}
