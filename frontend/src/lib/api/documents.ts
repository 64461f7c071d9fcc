import type { Problem } from './types';

/** One of a document's contents; `id` is that of its element in the HTML. */
export interface DocumentHeading {
  level: number;
  id: string;
  text: string;
  line: number;
}

/** A script's documentation, sanitised by the engine. Formulas, diagrams and images are marked places in it. */
export interface DocumentView {
  html: string;
  contents: DocumentHeading[] | null;
  problems: Problem[] | null;
  language: string;
  requested: string;
  fallback: boolean;
  path: string;
  languages: string[] | null;
}

/** A picture of a group; `data` is base64. */
export interface DocumentImage {
  type: string;
  data: string;
}

export interface DocumentMethods {
  'Documents.Get': [{ script_id: string; language: string }, DocumentView];
  'Documents.Preview': [{ script_id: string; language: string; text: string }, DocumentView];
  'Documents.Image': [{ script_id: string; path: string }, DocumentImage];
}
