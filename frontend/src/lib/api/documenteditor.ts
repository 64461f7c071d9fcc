/** What the door says of writing scripts' documentation. */
import type { DocumentState } from './administration';
import type { Language, Problem } from './types';

/** A document as it is edited. */
export interface DocumentSource {
  script_id: string;
  language: Language;
  /** Relative to the group's folder. */
  path: string;
  /** Otherwise the text is the template's. */
  there: boolean;
  text: string;
  /** Of the file; '' where none is there. */
  hash: string;
  encoding: string;
  languages: Record<Language, DocumentState>;
  problems: Problem[] | null;
}

export interface DocumentVersion {
  id: number;
  script_id: string;
  language: Language;
  path: string;
  created_at: string;
  /** '' where it was changed outside of the application. */
  author: string;
  /** The version that was taken back; 0 is none. */
  origin: number;
  hash: string;
  size: number;
}

export interface DocumentVersionText extends DocumentVersion {
  text: string;
}

interface Named {
  script_id: string;
  language: string;
}

export interface DocumentEditorMethods {
  'DocumentEditor.Open': [Named, DocumentSource];
  'DocumentEditor.Check': [Named & { text: string }, Problem[] | null];
  'DocumentEditor.Save': [Named & { text: string; base: string; origin?: number }, DocumentSource];
  'DocumentEditor.History': [Named, DocumentVersion[] | null];
  'DocumentEditor.Version': [{ id: number }, DocumentVersionText];
  'DocumentEditor.AddImage': [Named & { name: string; data: string }, { path: string }];
}
