import { asFailure, door, type Door, type DoorFailure, type Execution } from '$lib/api';
import type { BackupPreview, ProjectBackupList, ProjectBackupView, RestoreRequest } from '$lib/api/projects';
import { base64Of, partsOf } from '$lib/base64';
import { fileMost } from './exporting.svelte';
import { session } from './session.svelte';
import { isLive } from './status';

const partSize = 768 * 1024; // a multiple of 3: its base64 has no end in the middle

/** A person's backups of projects, and the jobs that make and put them back. */
export class ProjectBackups {
  list = $state.raw<ProjectBackupList | null>(null);
  failure = $state.raw<DoorFailure | null>(null);
  refused = $state.raw<DoorFailure | null>(null);
  busy = $state(false);
  /** What is under way, or has ended while the page was shown, the newest first. */
  jobs = $state.raw<Execution[]>([]);
  /** Percent of what is sent; -1: nothing is. */
  sent = $state(-1);
  user = '';
  readonly #door: Door;
  readonly #me: () => string;
  #turn = 0;

  constructor(api: Door = door, me = () => session.user?.name ?? '') {
    this.#door = api;
    this.#me = me;
  }

  start(): () => void {
    void this.load();
    return this.#door.listen((event) => {
      if (event.type === 'missed' || event.type === 'project.changed') void this.load();
      else if (event.type === 'execution.changed' && event.data.kind === 'project') this.#take(event.data);
    });
  }

  show(user: string): void {
    this.user = user;
    this.list = null;
    this.jobs = [];
    void this.load();
  }

  async load(): Promise<void> {
    const turn = ++this.#turn;
    try {
      const list = await this.#door.call('Projects.Backups', this.user ? { user: this.user } : {});
      if (turn !== this.#turn) return;
      this.list = list;
      this.failure = null;
    } catch (thrown) {
      if (turn === this.#turn) this.failure = asFailure(thrown);
    }
  }

  /** Whether it is of the person who is shown: administrators hear of everybody's. */
  #shows(job: Execution): boolean {
    return job.user === (this.user || this.#me());
  }

  #take(job: Execution): void {
    if (!this.#shows(job)) return;
    const known = this.jobs.some((one) => one.id === job.id);
    if (known) this.jobs = this.jobs.map((one) => (one.id === job.id ? job : one));
    else if (isLive(job)) this.jobs = [job, ...this.jobs];
    if (!isLive(job)) void this.load();
  }

  /** What runs, and the newest that has ended. */
  get shown(): Execution[] {
    const newest = this.jobs.find((job) => !isLive(job));
    return this.jobs.filter((job) => isLive(job) || job === newest);
  }

  putAway(id: string): void {
    this.jobs = this.jobs.filter((one) => one.id !== id && isLive(one));
  }

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
    }
  }

  async #begin(work: () => Promise<Execution>): Promise<boolean> {
    const job = await this.#do(work);
    if (job && this.#shows(job) && !this.jobs.some((one) => one.id === job.id))
      this.jobs = [job, ...this.jobs];
    return job !== null;
  }

  backUp(projectId: number): Promise<boolean> {
    return this.#begin(() => this.#door.call('Projects.BackUp', { project_id: projectId }));
  }

  restore(request: RestoreRequest): Promise<boolean> {
    return this.#begin(() => this.#door.call('Projects.Restore', request));
  }

  async remove(id: number): Promise<void> {
    await this.#do(() => this.#door.call('Projects.DeleteBackup', { backup_id: id }));
    void this.load();
  }

  /** The zip in parts; null where it is too large for a browser. */
  async fetch(backup: ProjectBackupView): Promise<Uint8Array<ArrayBuffer>[] | null> {
    if (backup.size > fileMost) return null;
    return partsOf((offset) => this.#door.call('Projects.BackupPart', { backup_id: backup.id, offset }));
  }

  /** Brings a zip, part by part. */
  async upload(file: File): Promise<void> {
    const id = crypto.randomUUID();
    this.sent = 0;
    await this.#do(async () => {
      for (let offset = 0; ; offset += partSize) {
        const bytes = new Uint8Array(await file.slice(offset, offset + partSize).arrayBuffer());
        const last = offset + partSize >= file.size;
        const data = base64Of(bytes);
        await this.#door.call('Projects.UploadBackup', {
          upload_id: id,
          size: file.size,
          offset,
          data,
          last,
        });
        this.sent = Math.floor((100 * Math.min(offset + partSize, file.size)) / Math.max(file.size, 1));
        if (last) return;
      }
    });
    this.sent = -1;
    void this.load();
  }
}

/** What a restore would do. */
export class Preview {
  found = $state.raw<BackupPreview | null>(null);
  failure = $state.raw<DoorFailure | null>(null);
  readonly #door: Door;
  #turn = 0;

  constructor(api: Door = door) {
    this.#door = api;
  }

  async load(backupId: number, projectId: number): Promise<void> {
    const turn = ++this.#turn;
    // What was found of another project is nothing to confirm.
    this.found = null;
    this.failure = null;
    try {
      const found = await this.#door.call('Projects.Preview', {
        backup_id: backupId,
        ...(projectId ? { project_id: projectId } : {}),
      });
      if (turn !== this.#turn) return;
      this.found = found;
    } catch (thrown) {
      if (turn === this.#turn) this.failure = asFailure(thrown);
    }
  }
}
