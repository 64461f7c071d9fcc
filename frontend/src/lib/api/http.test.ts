import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DoorFailure } from './door';
import { HttpDoor } from './http';

interface Sent {
  path: string;
  body: string | undefined;
  bearer: string | undefined;
}

let sent: Sent[];

function answer(respond: (request: Sent) => [number, unknown]) {
  vi.stubGlobal('fetch', (path: string, init: { body?: string; headers: Record<string, string> }) => {
    const request = { path, body: init.body, bearer: init.headers['Authorization'] };
    sent.push(request);
    const [status, body] = respond(request);
    return Promise.resolve(new Response(JSON.stringify(body), { status }));
  });
}

beforeEach(() => {
  sent = [];
  sessionStorage.clear();
});
afterEach(() => vi.unstubAllGlobals());

describe('HttpDoor', () => {
  it('asks for a token once and sends it with each call', async () => {
    answer(({ path }) => [200, path === 'api/session' ? { token: 't1' } : []]);
    const door = new HttpDoor();
    await Promise.all([door.call('Scripts.Groups'), door.call('Scripts.List', { group_id: 'g' })]);
    expect(sent.filter(({ path }) => path === 'api/session')).toHaveLength(1);
    expect(sent.slice(1).map(({ bearer }) => bearer)).toEqual(['Bearer t1', 'Bearer t1']);
    expect(sent.find(({ path }) => path.endsWith('Scripts.List'))?.body).toBe('{"group_id":"g"}');
  });

  it('gives the failure that the engine told', async () => {
    answer(({ path }) =>
      path === 'api/session'
        ? [200, { token: 't' }]
        : [400, { error: { code: 'invalid', fields: { a: { code: 'parameter_required' } } } }],
    );
    const failure = await new HttpDoor().call('Scripts.Groups').catch((thrown: unknown) => thrown);
    expect(failure).toBeInstanceOf(DoorFailure);
    expect(failure).toMatchObject({ code: 'invalid', fields: { a: { code: 'parameter_required' } } });
  });

  it('takes a new token when the engine does not know its own', async () => {
    sessionStorage.setItem('scriptsmanager.token', 'old');
    answer(({ path, bearer }) => {
      if (path === 'api/session') return [200, { token: 'new' }];
      return bearer === 'Bearer new'
        ? [200, []]
        : [401, { error: { code: 'not_signed_in', params: { session_unknown: true } } }];
    });
    await expect(new HttpDoor().call('Scripts.Groups')).resolves.toEqual([]);
    expect(sessionStorage.getItem('scriptsmanager.token')).toBe('new');
  });

  it('tells when the engine cannot be reached, and when it is back', async () => {
    sessionStorage.setItem('scriptsmanager.token', 't');
    const door = new HttpDoor();
    const seen: boolean[] = [];
    door.watch((yes) => seen.push(yes));
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('refused')));
    await expect(door.call('Scripts.Groups')).rejects.toMatchObject({ code: 'unavailable' });
    answer(() => [200, []]);
    await door.call('Scripts.Groups');
    expect(seen).toEqual([true, false, true]);
  });

  it('asks for nothing before it hears of changes, and says what was missed on each later connection', async () => {
    const sockets: { onmessage?: (m: { data: string }) => void; onclose?: () => void }[] = [];
    vi.stubGlobal(
      'WebSocket',
      class {
        onmessage?: (m: { data: string }) => void;
        onclose?: () => void;
        constructor() {
          sockets.push(this);
        }
        close() {}
      },
    );
    sessionStorage.setItem('scriptsmanager.token', 't');
    answer(() => [200, []]);
    const door = new HttpDoor();
    const types: string[] = [];
    const stop = door.listen((event) => types.push(event.type));
    const asked = door.call('Scripts.Groups');
    await vi.waitFor(() => expect(sockets).toHaveLength(1));
    expect(sent).toHaveLength(0);
    sockets[0]?.onmessage?.({ data: '{"subscribed":true}' });
    await asked;
    expect(sent).toHaveLength(1);
    expect(types).toEqual([]);
    sockets[0]?.onclose?.();
    await vi.waitFor(() => expect(sockets).toHaveLength(2));
    sockets[1]?.onmessage?.({ data: '{"subscribed":true}' });
    expect(types).toEqual(['missed']);
    // The engine may refuse sockets: calls are then answered all the same.
    sockets[1]?.onclose?.();
    await expect(door.call('Scripts.Groups')).resolves.toEqual([]);
    stop();
  });
});
