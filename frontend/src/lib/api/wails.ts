import { asFailure, DoorFailure, type Attachment, type Door } from './door';
import { Listeners } from './listeners';
import type { Argument, DoorError, DoorEvent, Method, Result } from './types';

/** What the desktop program puts into the page. */
export interface WailsWindow {
  go?: { desktop?: { Door?: { Call(method: string, argument: string): Promise<string> } } };
  runtime?: { EventsOn(name: string, receive: (batch: DoorEvent[]) => void): () => void };
}

/** The door inside the desktop program. */
export class WailsDoor implements Door {
  readonly kind = 'desktop';
  readonly #host: WailsWindow;
  readonly #listeners = new Listeners<DoorEvent>();

  constructor(host: WailsWindow) {
    this.#host = host;
    host.runtime?.EventsOn('door', (batch) => {
      for (const event of batch) this.#listeners.send(event);
    });
  }

  async call<M extends Method>(
    method: M,
    ...argument: Argument<M> extends undefined ? [] : [Argument<M>]
  ): Promise<Result<M>> {
    const door = this.#host.go?.desktop?.Door;
    if (!door) throw new DoorFailure({ code: 'unavailable', params: { detail: 'desktop' } });
    let answer: { result?: Result<M>; error?: DoorError };
    try {
      answer = JSON.parse(await door.Call(method, JSON.stringify(argument[0] ?? null))) as typeof answer;
    } catch (thrown) {
      throw asFailure(thrown);
    }
    if (answer.error) throw new DoorFailure(answer.error);
    return answer.result as Result<M>;
  }

  listen(receive: (event: DoorEvent) => void): () => void {
    return this.#listeners.add(receive);
  }

  watch(connected: (yes: boolean) => void): () => void {
    connected(true);
    return () => undefined;
  }

  attach(): Attachment {
    return { close: () => undefined };
  }
}
