import { expect, test } from '@playwright/test';
import { installation } from '../support/installation.ts';
import { ask, session, signedIn } from '../support/people.ts';

const house = installation({ users: { vera: 'viewer' } });

interface Failure {
  error: { code: string; params?: Record<string, unknown> };
}

test('a call without a token is refused', async ({ request }) => {
  const wrong: Record<string, string>[] = [
    {},
    { Authorization: 'Bearer ' },
    { Authorization: `Bearer ${'0'.repeat(64)}` },
  ];
  for (const headers of wrong) {
    const answer = await request.post(`${house.url}api/call/Scripts.List`, { headers });
    expect(answer.status()).toBe(401);
    const { error } = (await answer.json()) as Failure;
    expect(error.code).toBe('not_signed_in');
    expect(error.params?.['session_unknown']).toBe(true);
  }
});

test('a session that is not signed in may ask for its state and the version', async ({ request }) => {
  const token = await session(request, house);
  expect((await ask(request, house, token, 'Session.State')).status()).toBe(200);
  const about = (await (await ask(request, house, token, 'System.About')).json()) as { root: string };
  expect(about.root, 'where the root is').toBe('');
  for (const method of ['Dashboard.Get', 'Scripts.List', 'Executions.List', 'Users.List', 'Projects.List']) {
    const answer = await ask(request, house, token, method, {});
    expect(answer.status(), method).toBe(401);
    expect(((await answer.json()) as Failure).error.code, method).toBe('not_signed_in');
  }
});

test('a method that does not exist and an argument that is no JSON are answered as errors', async ({
  request,
}) => {
  const token = await signedIn(request, house);
  const missing = await ask(request, house, token, 'Scripts.Nothing', {});
  expect(missing.status()).toBe(404);
  const broken = await request.post(`${house.url}api/call/Scripts.Get`, {
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    data: Buffer.from('{"script_id": '),
  });
  expect(broken.status()).toBe(422);
  expect(((await broken.json()) as Failure).error.code).toBe('usage');
});

test('a foreign origin is refused, also where it has a valid token', async ({ request }) => {
  const token = await signedIn(request, house);
  const port = Number(new URL(house.url).port);
  for (const origin of [
    'http://evil.example',
    `http://127.0.0.1:${port + 1}`,
    'null',
    `https://127.0.0.1:${port}`,
  ]) {
    const answer = await request.post(`${house.url}api/call/Session.State`, {
      headers: { Authorization: `Bearer ${token}`, Origin: origin },
    });
    expect(answer.status(), origin).toBe(403);
    const session = await request.post(`${house.url}api/session`, { headers: { Origin: origin } });
    expect(session.status(), origin).toBe(403);
  }
});

test('a page of another site is refused by what the browser tells of it', async ({ request }) => {
  for (const site of ['cross-site', 'same-site']) {
    const answer = await request.post(`${house.url}api/session`, { headers: { 'Sec-Fetch-Site': site } });
    expect(answer.status(), site).toBe(403);
  }
});

test('another name for this machine is refused', async ({ request }) => {
  for (const path of ['', 'api/session', 'health']) {
    const answer = await request.fetch(`${house.url}${path}`, {
      method: path === 'api/session' ? 'POST' : 'GET',
      headers: { Host: 'rebound.example' },
    });
    expect(answer.status(), path).toBe(403);
  }
});

test('no answer sets a cookie, each forbids framing and foreign sources', async ({ request }) => {
  const token = await signedIn(request, house);
  const answers = [
    await request.get(house.url),
    await request.get(`${house.url}health`),
    await request.get(`${house.url}nothing/here`),
    await request.post(`${house.url}api/session`),
    await ask(request, house, token, 'Dashboard.Get'),
  ];
  for (const answer of answers) {
    const headers = answer.headers();
    expect(headers['set-cookie'], answer.url()).toBeUndefined();
    const policy = headers['content-security-policy'] ?? '';
    expect(policy, answer.url()).toContain("default-src 'self'");
    expect(policy, answer.url()).toContain("script-src 'self'");
    expect(policy, answer.url()).toContain("frame-ancestors 'none'");
    expect(policy, answer.url()).toContain("object-src 'none'");
    expect(headers['x-content-type-options'], answer.url()).toBe('nosniff');
    expect(headers['x-frame-options'], answer.url()).toBe('DENY');
  }
});

test('wrong passwords are slowed down, and unknown names answer the same', async ({ request }) => {
  const token = await session(request, house);
  const attempt = async (name: string) => {
    const answer = await ask(request, house, token, 'Session.SignIn', { name, password: 'wrong wrong' });
    return ((await answer.json()) as Failure).error.code;
  };
  for (const name of ['vera', 'nobody']) {
    const codes: string[] = [];
    // The wait grows with each, so that it is met however slow the machine is.
    while (codes.length < 5 || (codes.length < 12 && !codes.includes('sign_in_wait')))
      codes.push(await attempt(name));
    expect(codes.slice(0, 3), name).toEqual(['sign_in_failed', 'sign_in_failed', 'sign_in_failed']);
    expect(codes, name).toContain('sign_in_wait');
  }
});

test('files outside of the frontend are not served', async ({ request }) => {
  for (const path of ['..%2f..%2fetc%2fpasswd', 'config.json', 'static/images/..%2f..%2f..%2fconfig.json']) {
    const answer = await request.get(`${house.url}${path}`);
    expect(answer.status(), path).toBeGreaterThanOrEqual(400);
    expect(await answer.text(), path).not.toContain('port_range');
  }
});
