import { DoorFailure, type Door } from '$lib/api/door';
import type { DoorEvent, DoorError, Execution, Method } from '$lib/api/types';

type Answers = Partial<Record<Method, (argument: never) => unknown>>;

/** A door for tests: answers by method, remembers calls, and sends events by hand. */
export class TestDoor implements Door {
  readonly kind: 'desktop' | 'browser';
  readonly calls: { method: string; argument: unknown }[] = [];
  readonly #answers: Answers;
  readonly #receivers = new Set<(event: DoorEvent) => void>();

  constructor(answers: Answers, kind: 'desktop' | 'browser' = 'browser') {
    this.#answers = answers;
    this.kind = kind;
  }

  call(method: Method, ...argument: unknown[]): Promise<never> {
    this.calls.push({ method, argument: argument[0] });
    const answer = this.#answers[method];
    if (!answer) return Promise.reject(new DoorFailure({ code: 'not_found', params: { what: method } }));
    try {
      return Promise.resolve(answer(argument[0] as never) as never);
    } catch (thrown) {
      return Promise.reject(thrown instanceof Error ? thrown : new DoorFailure(thrown as DoorError));
    }
  }

  listen(receive: (event: DoorEvent) => void): () => void {
    this.#receivers.add(receive);
    return () => this.#receivers.delete(receive);
  }

  watch(connected: (yes: boolean) => void): () => void {
    connected(true);
    return () => undefined;
  }

  attach() {
    return { close: () => undefined };
  }

  send(event: DoorEvent): void {
    for (const receive of this.#receivers) receive(event);
  }
}

export function execution(changes: Partial<Execution> = {}): Execution {
  return {
    id: 'e1',
    name: 'Heat',
    kind: 'script',
    script_id: 'thermal/heat',
    group_id: 'thermal',
    script_name: { en: 'Heat' },
    user_id: 1,
    user: 'ana',
    project_id: 1,
    project: 'project_default',
    actor: 'user',
    state: 'running',
    phase: 'ready',
    reason: '',
    exit_code: null,
    pid: 1,
    port: 5200,
    url: 'http://127.0.0.1:5200/',
    has_page: true,
    environment: 'base',
    environment_path: '/opt/conda',
    confinement: 'none',
    parameters: {},
    cpu_seconds: 0,
    memory_peak_bytes: 0,
    lines: 0,
    created_at: '2026-01-02T03:04:05Z',
    started_at: '2026-01-02T03:04:05Z',
    ready_at: null,
    ended_at: null,
    duration_ms: 0,
    attachments: 0,
    ...changes,
  };
}
