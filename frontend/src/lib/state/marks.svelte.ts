import { asFailure, door, type Door, type DoorFailure, type ExecutionMarks, type Timeline } from '$lib/api';

/** What the person noted of one execution, whether it is shared, and how it went over time. */
export class MarksStore {
  marks = $state.raw<ExecutionMarks | null>(null);
  timeline = $state.raw<Timeline | null>(null);
  failure = $state.raw<DoorFailure | null>(null);
  readonly #door: Door;
  #id = '';

  constructor(api: Door = door) {
    this.#door = api;
  }

  async open(id: string): Promise<void> {
    this.#id = id;
    this.marks = null;
    this.timeline = null;
    await this.#keep(this.#door.call('Executions.Marks', { execution_id: id }));
  }

  /** Keeps a bookmark or a note; false where `failure` says why it was not. */
  async mark(changes: { bookmarked?: boolean; note?: string }): Promise<boolean> {
    const { bookmarked = false, note = '' } = this.marks ?? {};
    return this.#keep(
      this.#door.call('Executions.SetMark', { execution_id: this.#id, bookmarked, note, ...changes }),
    );
  }

  async share(shared: boolean): Promise<boolean> {
    return this.#keep(this.#door.call('Executions.Share', { execution_id: this.#id, shared }));
  }

  async loadTimeline(): Promise<void> {
    const id = this.#id;
    try {
      const timeline = await this.#door.call('Executions.Timeline', { execution_id: id });
      if (id === this.#id) this.timeline = timeline;
    } catch (thrown) {
      if (id === this.#id) this.failure = asFailure(thrown);
    }
  }

  async #keep(answer: Promise<ExecutionMarks>): Promise<boolean> {
    const id = this.#id;
    try {
      const marks = await answer;
      if (id === this.#id) this.marks = marks;
      this.failure = null;
      return true;
    } catch (thrown) {
      if (id === this.#id) this.failure = asFailure(thrown);
      return false;
    }
  }
}
