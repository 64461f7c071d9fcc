/** What the door says of what runs all the time. */
import type { DoorError, Text } from './types';

/** A script that is wanted to run all the time, and how that stands. */
export interface AlwaysOn {
  id: number;
  script_id: string;
  user_id: number;
  user: string;
  project_id: number;
  project: string;
  parameters: Record<string, unknown> | null;
  /** It is started with what this template has then. */
  template_id?: number;
  template?: string;
  created_at: string;
  created_by: string;
  actual: AlwaysOnActual;
}

export interface AlwaysOnActual {
  state: 'running' | 'waiting' | 'blocked' | 'off';
  execution_id: string;
  failures: number;
  last_id: string;
  last_reason: string;
  last_params?: Record<string, unknown>;
  last_error?: DoorError;
  next_try: string | null;
  why?: DoorError;
}

export interface AlwaysOnView extends AlwaysOn {
  script_name: Text;
}

export interface AlwaysOnMethods {
  'AlwaysOn.List': [{ script_id?: string }, AlwaysOnView[] | null];
  'AlwaysOn.Set': [
    {
      script_id: string;
      user_id?: number;
      project_id?: number;
      parameters?: Record<string, unknown>;
      /** Start it each time with what this template has then. */
      template_id?: number;
    },
    AlwaysOn,
  ];
  'AlwaysOn.Clear': [{ id: number }, null];
}
