import type {
  DoorError,
  EnvironmentCreateRequest,
  EnvironmentImportRequest,
  GroupNeeds,
} from '$lib/api/types';

/** A new environment, as it is being filled in. */
export interface Draft {
  way: 'packages' | 'file';
  /** 'venv', or a tool of conda; '' takes the first that there is. */
  tool: string;
  name: string;
  /** The path of a venv's Python; '' takes the first. */
  interpreter: string;
  /** Of conda's Python. */
  version: string;
  /** One in each line. */
  packages: string;
  /** Apart by spaces or commas. */
  channels: string;
  requirements: string;
  offline: string;
  file: string;
  /** Id of the group that it is for. */
  group: string;
  /** What conda calls those packages of the group that it calls otherwise than pip. */
  conda: Record<string, string>;
}

export function emptyDraft(): Draft {
  return {
    way: 'packages',
    tool: '',
    name: '',
    interpreter: '',
    version: '',
    packages: '',
    channels: '',
    requirements: '',
    offline: '',
    file: '',
    group: '',
    conda: {},
  };
}

/** The packages as conda, or as pip calls them, where the two are known to differ. */
export function renamed(packages: string, conda: Record<string, string>, venv: boolean): string {
  const names = new Map(Object.entries(conda).map(([pip, other]) => (venv ? [other, pip] : [pip, other])));
  return packages
    .split('\n')
    .map((line) => names.get(line.trim()) ?? line)
    .join('\n');
}

/** What a group needs, filled in; `missing` are packages that its scripts import, as pip calls them. */
export function draftFor(needs: GroupNeeds, missing: string[], conda: Record<string, string> = {}): Draft {
  const more = needs.requirements ? [] : missing;
  const packages = [...(needs.packages ?? []), ...more];
  const lower = packages.map((one) => one.toLowerCase());
  return {
    ...emptyDraft(),
    tool: 'venv',
    name: needs.name,
    packages: packages.filter((one, at) => lower.indexOf(one.toLowerCase()) === at).join('\n'),
    requirements: needs.requirements,
    offline: needs.offline_folder,
    group: needs.group_id,
    conda,
  };
}

/** The lines that say something. */
export function lines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
}

/** The words of a list that is written in one line. */
export function words(text: string): string[] {
  return text.split(/[\s,]+/).filter(Boolean);
}

function filled<T extends object>(request: T): T {
  return Object.fromEntries(
    Object.entries(request).filter(([, value]) => (Array.isArray(value) ? value.length > 0 : value !== '')),
  ) as T;
}

/** What to ask the engine for; `tool` is settled. */
export function createRequest(draft: Draft, tool: string): EnvironmentCreateRequest {
  const venv = tool === 'venv';
  return {
    name: draft.name.trim(),
    ...filled({
      kind: venv ? 'venv' : 'conda',
      tool: venv ? '' : tool,
      python: venv ? draft.interpreter : draft.version.trim(),
      packages: lines(draft.packages),
      channels: venv ? [] : words(draft.channels),
      requirements: venv ? draft.requirements.trim() : '',
      offline_folder: draft.offline.trim(),
      group_id: draft.group,
    }),
  };
}

export function importRequest(draft: Draft, tool: string): EnvironmentImportRequest {
  return {
    name: draft.name.trim(),
    file: draft.file.trim(),
    ...filled({
      tool: tool === 'venv' ? '' : tool,
      python: draft.interpreter,
      offline_folder: draft.offline.trim(),
    }),
  };
}

// As the engine has it (change.CheckName), so that it is said while typing.
const good = /^[\p{L}\p{Nd}_][\p{L}\p{Nd}\p{Mn}._+-]*$/u;
const reserved = /^(base|root|con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/** What is wrong with a name; null where it is good, or nothing yet. */
export function nameProblem(name: string): DoorError | null {
  const text = name.trim();
  if (
    text === '' ||
    (good.test(text) && !reserved.test(text) && !/\.\.|\.$|\.lock$/i.test(text) && text.length <= 100)
  )
    return null;
  return { code: 'environment_name', params: { name: text } };
}

/** Whether a path is none that leads from the root of a disk, of Linux or Windows. */
export function relative(path: string): boolean {
  const text = path.trim();
  return text !== '' && !/^(\/|[a-z]:[\\/]|\\\\)/i.test(text);
}
