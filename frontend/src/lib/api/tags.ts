/** What the door says of tags. */

export interface TagRules {
  /** On one script. */
  maximum_tags: number;
  /** In characters. */
  maximum_length: number;
  /** Else letters, digits, _ and -. */
  any_characters: boolean;
  /** Tags are to be offered while one types. */
  suggestions: boolean;
}

export interface ScriptTags {
  script_id: string;
  system: string[] | null;
  own: string[] | null;
}

/** A tag with how many scripts have it, of those that the person may see. */
export interface TagCount {
  name: string;
  system: number;
  own: number;
  scripts: number;
}

export interface TagList {
  tags: TagCount[] | null;
  /** Those that have own tags. */
  scripts: ScriptTags[] | null;
  rules: TagRules;
}

export interface TagMethods {
  'Tags.List': [undefined, TagList];
  'Tags.Of': [{ script_id: string }, ScriptTags];
  'Tags.Change': [{ script_id: string; add?: string[]; remove?: string[] }, ScriptTags];
  'Tags.Rename': [{ from: string; to: string }, { scripts: number }];
  'Tags.Remove': [{ name: string }, { scripts: number }];
}
