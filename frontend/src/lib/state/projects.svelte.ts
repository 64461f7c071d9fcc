import { asFailure, door, type Door, type DoorFailure, type Project } from '$lib/api';
import type { Person, ProjectChange, ProjectList, ProjectView, SharedProject } from '$lib/api/projects';
import { StatusChanges } from './status';

/** How long is waited for what else begins and ends, before all files are counted anew. */
const settles = 1000; // milliseconds

/** All projects of a person, with what they hold, and what is done with them. */
export class ProjectsStore {
  list = $state.raw<ProjectList | null>(null);
  failure = $state.raw<DoorFailure | null>(null);
  /** Whose they are; '' is one's own. */
  user = $state('');
  busy = $state(false);
  /** Why what was asked for last was refused. */
  refused = $state.raw<DoorFailure | null>(null);
  readonly #door: Door;
  #turn = 0;
  #asking = false;
  #again = false;

  constructor(api: Door = door) {
    this.#door = api;
  }

  get all(): ProjectView[] {
    return this.list?.projects ?? [];
  }

  /** What others share with who looks. */
  get shared(): SharedProject[] {
    return this.list?.shared ?? [];
  }

  start(): () => void {
    void this.load();
    let later: ReturnType<typeof setTimeout> | undefined;
    const changes = new StatusChanges();
    const leave = this.#door.listen((event) => {
      if (event.type === 'missed' || event.type === 'project.shared') void this.load();
      else if (event.type === 'project.changed') {
        // Administrators hear of everybody's.
        const owner = this.all[0]?.user_id;
        if (owner === undefined || owner === event.data.user_id) void this.load();
      } else if (event.type === 'execution.changed' && event.data.project_id) {
        // What runs in a project, and what it leaves there.
        if (!changes.is(event.data) || event.data.user !== this.list?.user) return;
        later ??= setTimeout(() => {
          later = undefined;
          void this.load();
        }, settles);
      }
    });
    return () => {
      clearTimeout(later);
      leave();
    };
  }

  show(user: string): void {
    this.user = user;
    this.list = null;
    void this.load(true);
  }

  /** One question at a time: what happens meanwhile is asked for once more afterwards. */
  async load(now = false): Promise<void> {
    if (this.#asking && !now) {
      this.#again = true;
      return;
    }
    const turn = ++this.#turn;
    this.#asking = true;
    try {
      const list = await this.#door.call('Projects.Overview', this.user ? { user: this.user } : {});
      if (turn === this.#turn) {
        this.list = list;
        this.failure = null;
      }
    } catch (thrown) {
      if (turn === this.#turn) this.failure = asFailure(thrown);
    }
    if (turn !== this.#turn) return;
    this.#asking = false;
    if (!this.#again) return;
    this.#again = false;
    await this.load();
  }

  /** Gives what was done; null where it was refused, and `refused` says why. */
  async #do<T>(work: () => Promise<T>): Promise<T | null> {
    this.busy = true;
    this.refused = null;
    try {
      return await work();
    } catch (thrown) {
      this.refused = asFailure(thrown);
      return null;
    } finally {
      this.busy = false;
      void this.load();
    }
  }

  create(name: string, description: string): Promise<Project | null> {
    return this.#do(() => this.#door.call('Projects.Create', { name, description }));
  }

  change(change: ProjectChange): Promise<Project | null> {
    return this.#do(() => this.#door.call('Projects.Change', change));
  }

  async remove(project: ProjectView, confirm: string): Promise<boolean> {
    const done = await this.#do(async () => {
      await this.#door.call('Projects.Delete', { project_id: project.id, confirm });
      return true;
    });
    return done === true;
  }

  async share(project: ProjectView, user: string): Promise<boolean> {
    const call = { project_id: project.id, users: [user] };
    return (await this.#do(() => this.#door.call('Projects.Share', call))) !== null;
  }

  async takeBack(project: ProjectView, user: string): Promise<boolean> {
    const call = { project_id: project.id, users: [user] };
    return (await this.#do(() => this.#door.call('Projects.Unshare', call))) !== null;
  }

  /** Those whom one may share with; a failure is thrown. */
  async people(): Promise<Person[]> {
    return (await this.#door.call('Projects.People')) ?? [];
  }
}
