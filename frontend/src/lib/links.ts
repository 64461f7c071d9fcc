import type { Execution } from '$lib/api/types';

/** The address of a script's page. */
export function scriptHref(scriptId: string): string {
  return `#/scripts/${scriptId.split('/').map(encodeURIComponent).join('/')}`;
}

/** The address of a script's page, with the form filled from a template. */
export function templateHref(scriptId: string, id: number): string {
  return `${scriptHref(scriptId)}?template=${String(id)}`;
}

/** The address of a heading in a script's documentation. */
export function headingHref(scriptId: string, id: string): string {
  return `${scriptHref(scriptId)}?heading=${encodeURIComponent(id)}`;
}

/** The address of a group's page. */
export function groupHref(groupId: string): string {
  return `#/groups/${encodeURIComponent(groupId)}`;
}

/** The address of the scripts that have a tag. */
export function tagHref(name: string): string {
  return `#/scripts?tag=${encodeURIComponent(name)}`;
}

/** The address of an environment's page. */
export function environmentHref(path: string): string {
  return `#/environments/${encodeURIComponent(path)}`;
}

/** The address of an execution's page, with a line of its log shown. */
export function executionHref(executionId: string, line?: number): string {
  return `#/executions/${encodeURIComponent(executionId)}${line ? `?line=${line}` : ''}`;
}

/** The address of an execution's log among those that are open side by side. */
export function logHref(executionId: string): string {
  return `#/logs/${encodeURIComponent(executionId)}`;
}

/** The address of the list of a project's executions. */
export function projectHref(projectId: number): string {
  return `#/executions?project=${String(projectId)}`;
}

/** The address of a person's projects. */
export function projectsHref(user: string): string {
  return `#/projects?user=${encodeURIComponent(user)}`;
}

/** The address of a project's files. */
export function dataHref(projectId: number): string {
  return `#/data/${String(projectId)}`;
}

/** The address of what an execution ran: the script's page, or its own where it ran none. */
export function subjectHref(execution: Execution): string {
  return execution.job ? executionHref(execution.id) : scriptHref(execution.script_id);
}

/** The address where a script's documentation is written. */
export function documentEditHref(scriptId: string, language: string): string {
  return `${scriptHref(scriptId)}/document/${encodeURIComponent(language)}`;
}
