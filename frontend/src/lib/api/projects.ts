/** What the door says of projects. */
import type { Project, Text } from './types';

export interface ProjectGroup {
  group_id: string;
  name: Text;
  folder: string;
  files: number;
  bytes: number;
  partial: boolean;
}

export interface ProjectView extends Project {
  groups: ProjectGroup[] | null;
  files: number;
  bytes: number;
  partial: boolean;
  running: number;
  always_on: number;
  job_id: string;
}

export interface ProjectList {
  user: string;
  projects: ProjectView[] | null;
  maximum: number;
}

export interface ProjectChange {
  project_id: number;
  version?: number;
  name?: string;
  description?: string;
  archived?: boolean;
}

export interface ProjectMethods {
  'Projects.List': [undefined, Project[] | null];
  'Projects.Overview': [{ user?: string }, ProjectList];
  'Projects.Create': [{ name: string; description?: string }, Project];
  'Projects.Change': [ProjectChange, Project];
  'Projects.Delete': [{ project_id: number; confirm: string }, null];
}
