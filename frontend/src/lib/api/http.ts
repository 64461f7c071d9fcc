import { DoorFailure, type Attachment, type Door } from './door';
import { Listeners } from './listeners';
import type { Argument, DoorError, DoorEvent, Method, Result } from './types';

const tokenKey = 'scriptsmanager.token';
const protocol = 'scriptsmanager';
// Short at first, so that a restart of the engine is hardly seen; then such that an idle tab asks rarely.
const retryFirst = 250;
const retryMost = 5000;

/** The door of `scriptsmanager serve`: calls over HTTP, events over a WebSocket, a bearer token in this tab's storage. */
export class HttpDoor implements Door {
  readonly kind = 'browser';
  readonly #events = new Listeners<DoorEvent>();
  readonly #connection = new Listeners<boolean>();
  #connected = true;
  #asking: Promise<string> | null = null;
  #socket: WebSocket | null = null;
  #started = false;
  /** Settled when events were first received, or could not be. */
  #subscribed: Promise<void> = Promise.resolve();
  #tried: () => void = () => undefined;
  #again = false;

  async call<M extends Method>(
    method: M,
    ...argument: Argument<M> extends undefined ? [] : [Argument<M>]
  ): Promise<Result<M>> {
    const body = argument[0] === undefined ? '' : JSON.stringify(argument[0]);
    // What changes between an answer and the first event would never be heard of.
    await this.#subscribed;
    const token = await this.#token();
    try {
      return await this.#post<Result<M>>(`api/call/${method}`, body, token);
    } catch (thrown) {
      if (!(thrown instanceof DoorFailure) || !thrown.params['session_unknown']) throw thrown;
      // The engine was started anew and does not know our token: a call that needs no one signed in goes on with a new one.
      this.#forget(token);
      return this.#post<Result<M>>(`api/call/${method}`, body, await this.#token());
    }
  }

  listen(receive: (event: DoorEvent) => void): () => void {
    const stop = this.#events.add(receive);
    if (!this.#started) {
      this.#started = true;
      this.#subscribed = new Promise((done) => (this.#tried = done));
      void this.#follow();
    }
    return stop;
  }

  watch(connected: (yes: boolean) => void): () => void {
    connected(this.#connected);
    return this.#connection.add(connected);
  }

  attach(executionId: string): Attachment {
    let closed = false;
    let socket: WebSocket | null = null;
    let wait = retryFirst;
    const open = async () => {
      let token: string;
      try {
        token = await this.#token();
      } catch {
        again();
        return;
      }
      if (closed) return;
      socket = this.#open(`api/attach/${encodeURIComponent(executionId)}`, token);
      socket.onopen = () => (wait = retryFirst);
      socket.onclose = again;
    };
    const again = () => {
      if (closed) return;
      setTimeout(() => void open(), wait);
      wait = Math.min(wait * 2, retryMost);
    };
    void open();
    return {
      close: () => {
        closed = true;
        socket?.close();
      },
    };
  }

  async #post<T>(path: string, body: string, token: string): Promise<T> {
    let answer: Response;
    let text: string;
    try {
      answer = await fetch(path, {
        method: 'POST',
        headers: {
          ...(token ? { Authorization: `Bearer ${token}` } : {}),
          ...(body ? { 'Content-Type': 'application/json' } : {}),
        },
        body: body || undefined,
        cache: 'no-store',
        credentials: 'omit',
      });
      text = await answer.text();
    } catch (thrown) {
      this.#tell(false);
      throw new DoorFailure({ code: 'unavailable', params: { detail: String(thrown) } });
    }
    this.#tell(true);
    let value: unknown = null;
    try {
      value = text ? JSON.parse(text) : null;
    } catch {
      throw new DoorFailure({ code: 'unavailable', params: { detail: `HTTP ${String(answer.status)}` } });
    }
    if (answer.ok) return value as T;
    const error = (value as { error?: DoorError } | null)?.error;
    throw new DoorFailure(
      error ?? { code: 'unavailable', params: { detail: `HTTP ${String(answer.status)}` } },
    );
  }

  /** This tab's token; calls that come at the same time ask for one together. */
  async #token(): Promise<string> {
    const kept = sessionStorage.getItem(tokenKey);
    if (kept) return kept;
    this.#asking ??= this.#post<{ token: string }>('api/session', '', '')
      .then(({ token }) => {
        sessionStorage.setItem(tokenKey, token);
        return token;
      })
      .finally(() => (this.#asking = null));
    return this.#asking;
  }

  #forget(token: string): void {
    if (sessionStorage.getItem(tokenKey) !== token) return;
    sessionStorage.removeItem(tokenKey);
    this.#socket?.close();
  }

  #open(path: string, token: string): WebSocket {
    const url = new URL(path, document.baseURI);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    url.hash = '';
    return new WebSocket(url, [protocol, `bearer.${token}`]);
  }

  async #follow(): Promise<void> {
    let wait = retryFirst;
    for (;;) {
      try {
        const token = await this.#token();
        const lasted = await this.#receive(token);
        if (lasted) wait = retryFirst;
        // A socket that is refused may mean that the token is unknown; a call finds out and asks for another.
        else
          await this.#post('api/call/Session.State', '', token).catch((thrown: unknown) => {
            if (thrown instanceof DoorFailure && thrown.params['session_unknown']) this.#forget(token);
          });
      } catch {
        // The engine does not answer; #post has told so.
        this.#settle();
      }
      await new Promise((done) => setTimeout(done, wait));
      wait = Math.min(wait * 2, retryMost);
    }
  }

  /** Receives until the socket closes; tells whether it was ever open. */
  #receive(token: string): Promise<boolean> {
    return new Promise((done) => {
      let open = false;
      const socket = this.#open('api/events', token);
      this.#socket = socket;
      socket.onmessage = (message) => {
        const { event, subscribed } = JSON.parse(message.data as string) as {
          event?: DoorEvent;
          subscribed?: boolean;
        };
        if (subscribed) {
          open = true;
          this.#tell(true);
          if (this.#again) this.#events.send({ seq: 0, type: 'missed' });
          this.#settle();
        }
        if (event) this.#events.send(event);
      };
      socket.onclose = () => {
        this.#settle();
        if (open) this.#tell(false);
        done(open);
      };
    });
  }

  /** Lets calls go on; whoever subscribes after this has missed something. */
  #settle(): void {
    this.#again = true;
    this.#tried();
  }

  #tell(connected: boolean): void {
    if (connected === this.#connected) return;
    this.#connected = connected;
    this.#connection.send(connected);
  }
}
