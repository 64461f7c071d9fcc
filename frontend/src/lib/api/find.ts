/** What the door says of the search over scripts. */
import type { Language, Level, Text } from './types';

/** A piece of a text; a hit is what was looked for. */
export interface FoundPart {
  text: string;
  hit: boolean;
}

export type FoundField = 'name' | 'tag' | 'own_tag' | 'description' | 'parameter' | 'group' | 'document';

/** A place where words are that the name does not have. */
export interface FoundMatch {
  field: FoundField;
  /** Of the text; '' where it has none. */
  language: Language | '';
  parts: FoundPart[] | null;
}

export interface ScriptSearchHit {
  script_id: string;
  group_id: string;
  group_name: Text;
  /** In the language that was asked for. */
  name: FoundPart[] | null;
  matches: FoundMatch[] | null;
}

export interface ScriptSearchResult {
  hits: ScriptSearchHit[] | null;
  total: number;
}

export interface ScriptSearchRequest {
  text: string;
  group_id?: string;
  tags?: string[] | null;
  /** One of the tags is enough. */
  any_tag?: boolean;
  level?: Level;
  category?: string;
  language?: Language;
  limit?: number;
}

export interface FindMethods {
  'Scripts.Search': [ScriptSearchRequest, ScriptSearchResult];
}
