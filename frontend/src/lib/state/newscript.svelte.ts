import { asFailure, door, type Argument, type Door, type DoorError, type DoorFailure } from '$lib/api';

/** What new scripts are made from; their texts stand under `ui.new_script.template_…`. */
export const templates = ['form', 'dashboard', 'job'] as const;

/** A name for the file of a script with that title, '' where none of it can stand there. */
export function nameOf(title: string): string {
  return title
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[_0-9]+|_+$/g, '')
    .slice(0, 64);
}

/** The making of a script, and why it was refused. */
export class NewScripts {
  failure = $state.raw<DoorFailure | null>(null);
  busy = $state(false);
  readonly #door: Door;
  #newGroup = ''; // of what was refused
  #name = '';

  constructor(api: Door = door) {
    this.#door = api;
  }

  /** Makes it, perhaps with its group, and gives its id, '' where it was refused. */
  async create(what: Argument<'Scripts.Create'>, newGroup = false): Promise<string> {
    this.busy = true;
    this.failure = null;
    this.#name = what.name;
    this.#newGroup = newGroup ? what.group_id : '';
    try {
      return (await this.#door.call('Scripts.Create', what)).id;
    } catch (thrown) {
      this.failure = asFailure(thrown);
      return '';
    } finally {
      this.busy = false;
    }
  }

  /** What is wrong with a field; one code is told of the names of script and group. */
  at(field: 'title' | 'name' | 'group'): DoorError | null {
    return this.failure && this.#place() === field ? this.failure : null;
  }

  /** What is wrong with the whole. */
  get general(): DoorError | null {
    return this.failure && this.#place() === '' ? this.failure : null;
  }

  #place(): string {
    switch (this.failure?.code) {
      case 'script_title':
        return 'title';
      case 'script_exists':
        return 'name';
      case 'script_name':
        if (this.failure.params?.['name'] === this.#name) return 'name';
        return this.#newGroup ? 'group' : '';
      default:
        return '';
    }
  }
}
