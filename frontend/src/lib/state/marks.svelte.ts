import { asFailure, door, type Door, type DoorFailure, type ExecutionMarks, type Timeline } from '$lib/api';

/** An execution, and its marks as they were last answered. */
interface Marked {
  readonly id: string;
  marks: ExecutionMarks | null;
}

/** What the person noted of one execution, whether it is shared, and how it went over time. */
export class MarksStore {
  marks = $state.raw<ExecutionMarks | null>(null);
  timeline = $state.raw<Timeline | null>(null);
  /** Why the last thing that was wanted of the marks was not done. */
  failure = $state.raw<DoorFailure | null>(null);
  /** Why the timeline is not known, or not to its end. */
  timelineFailure = $state.raw<DoorFailure | null>(null);
  readonly #door: Door;
  #current: Marked = { id: '', marks: null };
  /** One change after the other: each takes all marks along. */
  #before: Promise<unknown> = Promise.resolve();

  constructor(api: Door = door) {
    this.#door = api;
  }

  async open(id: string): Promise<void> {
    const current: Marked = { id, marks: null };
    this.#current = current;
    this.marks = null;
    this.timeline = null;
    this.failure = null;
    this.timelineFailure = null;
    await this.#keep(current, () => this.#door.call('Executions.Marks', { execution_id: id }));
  }

  /** Keeps a bookmark or a note; false where `failure` says why it was not. */
  async mark(changes: { bookmarked?: boolean; note?: string }): Promise<boolean> {
    const current = this.#current;
    return this.#keep(current, () => {
      const { bookmarked = false, note = '' } = current.marks ?? {};
      return this.#door.call('Executions.SetMark', {
        execution_id: current.id,
        bookmarked,
        note,
        ...changes,
      });
    });
  }

  async share(shared: boolean): Promise<boolean> {
    const current = this.#current;
    return this.#keep(current, () =>
      this.#door.call('Executions.Share', { execution_id: current.id, shared }),
    );
  }

  async loadTimeline(): Promise<void> {
    const { id } = this.#current;
    try {
      const timeline = await this.#door.call('Executions.Timeline', { execution_id: id });
      if (id !== this.#current.id) return;
      this.timeline = timeline;
      this.timelineFailure = null;
    } catch (thrown) {
      if (id === this.#current.id) this.timelineFailure = asFailure(thrown);
    }
  }

  #keep(current: Marked, ask: () => Promise<ExecutionMarks>): Promise<boolean> {
    const answered = this.#before.then(async () => {
      try {
        current.marks = await ask();
        if (current === this.#current) {
          this.marks = current.marks;
          this.failure = null;
        }
        return true;
      } catch (thrown) {
        if (current === this.#current) this.failure = asFailure(thrown);
        return false;
      }
    });
    this.#before = answered;
    return answered;
  }
}
