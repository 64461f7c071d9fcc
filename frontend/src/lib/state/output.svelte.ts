import { asFailure, door, type Door, type DoorFailure, type LogLine, type Stream } from '$lib/api';

const pageSize = 2000;
// The view shows the end of a long log; the whole stands in the file.
const most = 5000;

/** An execution's output, read from its own position on, so that nothing is lost or doubled. */
export class OutputStore {
  lines = $state.raw<LogLine[]>([]);
  failure = $state.raw<DoorFailure | null>(null);
  readonly #door: Door;
  #next = 0;
  #run = 0;
  #reading = false;
  #again = false;

  constructor(api: Door = door) {
    this.#door = api;
  }

  open(executionId: string, streams: Stream[]): () => void {
    const run = ++this.#run;
    this.lines = [];
    this.#next = -pageSize;
    void this.#read(run, executionId, streams);
    return this.#door.listen((event) => {
      const grew = event.type === 'execution.output' && event.data.execution_id === executionId;
      const changed = event.type === 'execution.changed' && event.data.id === executionId;
      if (grew || changed || event.type === 'missed') void this.#read(run, executionId, streams);
    });
  }

  async #read(run: number, executionId: string, streams: Stream[]): Promise<void> {
    if (this.#reading) {
      this.#again = true;
      return;
    }
    this.#reading = true;
    try {
      do {
        this.#again = false;
        const argument = { execution_id: executionId, from: this.#next, limit: pageSize, streams };
        const page = await this.#door.call('Executions.Log', argument);
        if (run !== this.#run) break;
        const lines = page.lines ?? [];
        const first = lines[0]?.seq;
        // A line that had no end yet comes again with more.
        const kept = first === undefined ? this.lines : this.lines.filter((line) => line.seq < first);
        this.lines = [...kept, ...lines].slice(-most);
        this.#again ||= page.next > this.#next && lines.length === pageSize;
        this.#next = page.next;
        this.failure = null;
      } while (this.#again);
    } catch (thrown) {
      if (run === this.#run) this.failure = asFailure(thrown);
    } finally {
      this.#reading = false;
    }
  }
}
