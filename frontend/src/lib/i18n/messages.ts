/** go-i18n's file format: an id → a text, or its plural forms. */
export type GoMessages = Record<
  string,
  string | Partial<Record<'zero' | 'one' | 'two' | 'few' | 'many' | 'other', string>>
>;

/**
 * Turns a go-i18n file into i18next's flat keys: `{one, other}` becomes
 * `key_one` and `key_other`. Spanish, Italian and French have a `many` form
 * for millions that reads like `other`, so it is filled from there. A count is
 * shown with the language's separators: `{{.count}}` becomes `{{.count_text}}`.
 */
export function toResources(messages: GoMessages): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [key, value] of Object.entries(messages)) {
    if (typeof value === 'string') {
      flat[key] = counted(value);
      continue;
    }
    for (const [form, text] of Object.entries(value)) flat[`${key}_${form}`] = counted(text);
    if (value.many === undefined && value.other !== undefined) flat[`${key}_many`] = counted(value.other);
  }
  return flat;
}

function counted(text: string): string {
  return text.replaceAll('{{.count}}', '{{.count_text}}');
}
