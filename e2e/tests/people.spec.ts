import { expect, test } from '@playwright/test';
import { installation } from '../support/installation.ts';
import { ask, enter, signedIn } from '../support/people.ts';
import { openScript, runButton, runScript } from '../support/script.ts';
import { pageScript } from '../support/scripts.ts';
import { pattern, t } from '../support/texts.ts';

const house = installation({
  users: { otto: 'operator', olga: 'operator', sara: 'operator', vera: 'viewer' },
  scripts: {
    'bench/page.py': pageScript({ display_name: 'Plain page' }),
    'bench/open.py': pageScript({ display_name: 'For everyone to read', required_level: 'viewer' }),
    'bench/deep.py': pageScript({ display_name: 'For developers', required_level: 'developer' }),
  },
});

test('what one person runs, another neither sees nor touches', async ({ browser, request }) => {
  const his = await browser.newContext();
  const page = await his.newPage();
  await enter(page, house, 'otto');
  await openScript(page, house, 'bench/page', 'Plain page');
  const tab = await runScript(page);
  await expect(tab.frame.getByRole('heading')).toBeVisible();

  // In the interface: no list, no count, no page by a guessed address.
  const hers = await browser.newContext();
  const other = await hers.newPage();
  await enter(other, house, 'olga', 'executions');
  await expect(other.getByText(t('ui.executions.none'), { exact: true })).toBeVisible();
  await expect(other.getByRole('button', { name: t('ui.running.count', { count: 0 }) })).toBeVisible();
  await other.goto(`${house.url}#/executions/${tab.id}`);
  await expect(other.getByText(pattern('error.not_found'))).toBeVisible();
  await other.goto(`${house.url}#/window/${tab.id}`);
  await expect(other.getByText(pattern('error.not_found'))).toBeVisible();
  await expect(other.locator('iframe')).toHaveCount(0);

  // By the bridge: every method that takes an execution answers as if there were none.
  const token = await signedIn(request, house, 'olga');
  for (const [method, more] of [
    ['Executions.Get', {}],
    ['Executions.Log', { from: 1, limit: 10, streams: ['stdout'] }],
    ['Executions.Stop', { now: true }],
    ['Executions.Again', {}],
    ['Executions.Raise', {}],
  ] as const) {
    const answer = await ask(request, house, token, method, { execution_id: tab.id, ...more });
    expect(answer.status(), method).toBe(404);
  }
  const list = (await (await ask(request, house, token, 'Executions.List', { all_users: true })).json()) as {
    items?: unknown[] | null;
    error?: { code: string };
  };
  expect(list.items ?? [], 'all_users asked for by an operator').toEqual([]);
  // An attachment of hers neither opens nor closes his window.
  const code = await other.evaluate(
    ([address, secret]) =>
      new Promise<number>((done) => {
        const socket = new WebSocket(address, ['scriptsmanager', `bearer.${secret}`]);
        socket.onclose = (event) => done(event.code);
      }),
    [`${house.url.replace('http', 'ws')}api/attach/${tab.id}`, token] as const,
  );
  expect(code).toBe(1008);
  expect((await house.execution(tab.id)).state).toBe('running');

  // The administrator sees it when asking for everyone's.
  const admin = await browser.newContext();
  const third = await admin.newPage();
  await enter(third, house, 'anna', 'executions');
  await expect(third.getByText(t('ui.executions.none'), { exact: true })).toBeVisible();
  await third.getByLabel(t('ui.execution.user'), { exact: true }).selectOption('*');
  await expect(third.getByRole('row').filter({ hasText: 'otto' })).toContainText('Plain page');

  await Promise.all([his.close(), hers.close(), admin.close()]);
  await expect.poll(async () => (await house.execution(tab.id)).state).toBe('completed');
});

test('a viewer reads and cannot run', async ({ page }) => {
  await enter(page, house, 'vera', 'groups/bench');
  // What is above a viewer's level is not even listed, nor found by its address.
  await expect(page.getByRole('link', { name: 'For everyone to read' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Plain page' })).toHaveCount(0);
  await page.goto(`${house.url}#/scripts/bench/page`);
  await expect(page.getByText(pattern('error.not_found'))).toBeVisible();

  await openScript(page, house, 'bench/open', 'For everyone to read');
  await expect(runButton(page)).toBeDisabled();
  await expect(page.getByText(pattern('error.not_allowed', { level: t('level.operator') }))).toBeVisible();
  await page.keyboard.press('Control+Enter');
  const token = await signedIn(page.request, house, 'vera');
  const answer = await ask(page.request, house, token, 'Executions.Run', { script_id: 'bench/open' });
  expect(answer.status()).toBe(403);
  expect((await house.executions()).filter((execution) => execution.user === 'vera')).toEqual([]);
});

test('administration is for administrators, in the interface and behind it', async ({ page }) => {
  await enter(page, house, 'otto');
  const navigation = page.getByRole('navigation', { name: t('ui.nav.main') });
  await expect(navigation.getByRole('link', { name: t('ui.nav.users') })).toHaveCount(0);
  await page.goto(`${house.url}#/users`);
  await expect(page.getByText(pattern('error.not_allowed', { level: t('level.admin') }))).toBeVisible();
  // A script above his level is as if it were not there.
  await page.goto(`${house.url}#/scripts/bench/deep`);
  await expect(page.getByText(pattern('error.not_found'))).toBeVisible();
});

test('an administrator adds an account that can sign in', async ({ page, request }) => {
  await enter(page, house, 'anna', 'users');
  await page.getByRole('button', { name: t('ui.users.add') }).click();
  const name = page.getByLabel(t('ui.users.name'), { exact: true });
  await expect(name).toBeFocused();
  await name.fill('OTTO');
  await page.getByLabel(t('ui.sign_in.password')).fill('correct horse 7');
  const create = page.getByRole('button', { name: t('ui.users.create') });
  await create.click();
  await expect(page.getByText(t('error.name_taken', { name: 'OTTO' }))).toBeVisible();
  await name.fill('nina');
  await page.getByLabel(t('ui.users.level')).selectOption('developer');
  await create.click();
  await expect(page.getByRole('row').filter({ hasText: 'nina' })).toContainText(t('level.developer'));
  await signedIn(request, house, 'nina');
});

test('signing out asks before it stops what runs', async ({ page }) => {
  // Only the last session of a person asks: sara has no other.
  await enter(page, house, 'sara');
  await openScript(page, house, 'bench/page', 'Plain page');
  const tab = await runScript(page);
  await expect(tab.frame.getByRole('heading')).toBeVisible();
  await page.getByRole('button', { name: t('ui.account.menu', { name: 'sara' }) }).click();
  await page.getByRole('button', { name: t('ui.account.sign_out') }).click();
  await page.getByRole('button', { name: t('ui.account.sign_out_stop') }).click();
  await expect(page.getByRole('heading', { name: t('ui.sign_in.title') })).toBeVisible();
  await expect.poll(async () => (await house.execution(tab.id)).reason).toBe('signed_out');
});
