/** What the door says of sets of parameters that are kept for scripts. */
import type { DoorError, Problem, Text } from './types';

export interface Template {
  /** 0: an example of a group. */
  id: number;
  script_id: string;
  user_id: number;
  user: string;
  name: string;
  /** Of an example. */
  title?: Text;
  /** The file of an example, relative to the group's folder. */
  example?: string;
  /** Offered to all who see the script. */
  shared: boolean;
  parameters: Record<string, unknown> | null;
  version: number;
  created_at: string;
  updated_at: string;
  updated_by: string;
  problems?: Problem[];
}

/** What is always on with a template. */
export interface TemplateUse {
  id: number;
  user: string;
  project: string;
}

export interface TemplateView extends Template {
  script_name: Text;
  own: boolean;
  may_edit: boolean;
  /** Values that the script does not take any more, and why. */
  unfit?: Record<string, DoorError>;
  uses: TemplateUse[] | null;
  other_uses: number;
}

/** What an execution was started from. */
export interface ExecutionTemplate {
  id?: number;
  example?: string;
  name: string;
  /** It was started with other values than the template had. */
  changed: boolean;
}

export interface SaveTemplateRequest {
  id?: number;
  version?: number;
  script_id?: string;
  name: string;
  shared?: boolean;
  /** Left out: those of a changed one stay. */
  parameters?: Record<string, unknown>;
}

export interface TemplateMethods {
  'Templates.List': [{ script_id?: string; user?: string }, TemplateView[] | null];
  'Templates.Get': [{ id: number }, TemplateView];
  'Templates.Save': [SaveTemplateRequest, TemplateView];
  'Templates.Delete': [{ id: number }, null];
}
