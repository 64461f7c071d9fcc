import { type APIRequestContext, expect, type Page } from '@playwright/test';
import { admin, type Installation, password } from './installation.ts';
import { type Language, t } from './texts.ts';

const tokenKey = 'scriptsmanager.token';

/** A session by the bridge, as the frontend asks for one. */
export async function session(request: APIRequestContext, house: Installation): Promise<string> {
  const answer = await request.post(`${house.url}api/session`);
  expect(answer.status()).toBe(200);
  return ((await answer.json()) as { token: string }).token;
}

/** Calls a method of the door and gives the answer, whatever its status. */
export async function ask(
  request: APIRequestContext,
  house: Installation,
  token: string,
  method: string,
  argument?: unknown,
) {
  return request.post(`${house.url}api/call/${method}`, {
    headers: { Authorization: `Bearer ${token}` },
    ...(argument === undefined ? {} : { data: argument }),
  });
}

/** A session of somebody who is signed in. */
export async function signedIn(
  request: APIRequestContext,
  house: Installation,
  name: string = admin,
): Promise<string> {
  const token = await session(request, house);
  const answer = await ask(request, house, token, 'Session.SignIn', { name, password });
  expect(answer.status(), await answer.text()).toBe(200);
  return token;
}

/** Opens a page with a session that is signed in already; `signIn` is for tests of signing in itself. */
export async function enter(
  page: Page,
  house: Installation,
  name: string = admin,
  path = '',
  language: Language = 'en',
): Promise<void> {
  const token = await signedIn(page.request, house, name);
  // A document of the same origin in which the session can be laid down before the frontend starts.
  await page.goto(`${house.url}static/images/SIDEL.png`);
  await page.evaluate(([key, value]) => sessionStorage.setItem(key, value), [tokenKey, token] as const);
  await page.goto(`${house.url}#/${path}`);
  await expect(page.getByRole('navigation', { name: t('ui.nav.main', {}, language) })).toBeVisible();
}

/** Signs in by the form. */
export async function signIn(page: Page, name: string = admin, secret: string = password): Promise<void> {
  await page.getByLabel(t('ui.sign_in.name')).fill(name);
  await page.getByLabel(t('ui.sign_in.password')).fill(secret);
  await page.getByRole('button', { name: t('ui.sign_in.submit') }).click();
}
