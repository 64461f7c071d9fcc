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
