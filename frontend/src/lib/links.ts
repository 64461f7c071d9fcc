import type { Execution } from '$lib/api/types';

/** The address of a script's page. */
export function scriptHref(scriptId: string): string {
  return `#/scripts/${scriptId.split('/').map(encodeURIComponent).join('/')}`;
}

/** The address of a group's page. */
export function groupHref(groupId: string): string {
  return `#/groups/${encodeURIComponent(groupId)}`;
}

/** The address of an environment's page. */
export function environmentHref(path: string): string {
  return `#/environments/${encodeURIComponent(path)}`;
}

/** The address of an execution's page. */
export function executionHref(executionId: string): string {
  return `#/executions/${encodeURIComponent(executionId)}`;
}

/** The address of what an execution ran: the script's page, or its own where it ran none. */
export function subjectHref(execution: Execution): string {
  return execution.job ? executionHref(execution.id) : scriptHref(execution.script_id);
}
