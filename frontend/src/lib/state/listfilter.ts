import type { ExecutionQuery, ExecutionSort, LogSearch, State } from '$lib/api/types';

/** The states that the list is filtered by, and what each is of. */
export const stateChoices: { id: string; states?: State[] }[] = [
  { id: '' },
  { id: 'live', states: ['queued', 'running'] },
  { id: 'completed', states: ['completed'] },
  { id: 'failed', states: ['failed'] },
  { id: 'terminated', states: ['terminated'] },
];

const sorts: readonly ExecutionSort[] = ['', 'state', 'script', 'duration', 'project', 'user', 'reason'];

/** What the page of executions shows: all of it stands in its address. '' chooses all. */
export interface ListFilter {
  /** What is looked for in logs. */
  text: string;
  state: string;
  group: string;
  script: string;
  project: string;
  kind: string;
  /** Calendar days "YYYY-MM-DD", both of them included. */
  from: string;
  to: string;
  /** Seconds. */
  min: string;
  max: string;
  /** '': one's own; '*': everyone's; else this one's. */
  user: string;
  /** 'bookmarked' or 'shared'. */
  only: string;
  sort: ExecutionSort;
  /** 'asc': the least first. */
  order: string;
}

export const noFilter: ListFilter = {
  text: '',
  state: '',
  group: '',
  script: '',
  project: '',
  kind: '',
  from: '',
  to: '',
  min: '',
  max: '',
  user: '',
  only: '',
  sort: '',
  order: '',
};

/** Reads an address; what makes no sense in it is left out. */
export function parseFilter(querystring: string | undefined): ListFilter {
  const given = new URLSearchParams(querystring);
  const filter = { ...noFilter };
  for (const key of Object.keys(noFilter) as (keyof ListFilter)[]) {
    const value = given.get(key)?.slice(0, 1000) ?? '';
    if (sensible(key, value)) (filter as Record<keyof ListFilter, string>)[key] = value;
  }
  return filter;
}

function sensible(key: keyof ListFilter, value: string): boolean {
  switch (key) {
    case 'state':
      return stateChoices.some(({ id }) => id === value);
    case 'sort':
      return sorts.some((sort) => sort === value);
    case 'from':
    case 'to':
      return /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value));
    case 'min':
    case 'max':
    case 'project':
      return Number(value) > 0 && Number.isFinite(Number(value));
    default:
      return true;
  }
}

/** Writes the address of a filter, without what is not chosen. */
export function formatFilter(filter: ListFilter): string {
  const given = new URLSearchParams();
  for (const [key, value] of Object.entries(filter) as [string, string][]) if (value) given.set(key, value);
  return given.toString();
}

/** Whether it leaves anything out, whatever the order and whose they are. */
export function narrows(filter: ListFilter): boolean {
  return formatFilter({ ...filter, sort: '', order: '', user: '', text: '' }) !== '';
}

/** The beginning of a day where the person is, or of one some days later. */
function startOf(day: string, later = 0): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date + later).toISOString();
}

function common(filter: ListFilter) {
  return {
    states: stateChoices.find(({ id }) => id === filter.state)?.states,
    group_id: filter.group || undefined,
    script_id: filter.script || undefined,
    project_id: filter.project ? Number(filter.project) : undefined,
    since: filter.from ? startOf(filter.from) : undefined,
    until: filter.to ? startOf(filter.to, 1) : undefined,
    shortest: filter.min ? Number(filter.min) : undefined,
    longest: filter.max ? Number(filter.max) : undefined,
    all_users: filter.user === '*' || undefined,
    user: filter.user && filter.user !== '*' ? filter.user : undefined,
    kind: filter.kind || undefined,
    bookmarked: filter.only === 'bookmarked' || undefined,
    shared: filter.only === 'shared' || undefined,
  };
}

export function listQuery(filter: ListFilter): ExecutionQuery {
  return {
    ...common(filter),
    sort: filter.sort || undefined,
    ascending: filter.order === 'asc' || undefined,
  };
}

/** What is looked for in logs, with the list's own filters. */
export function searchQuery(filter: ListFilter): LogSearch | null {
  return filter.text ? { ...common(filter), query: filter.text } : null;
}
