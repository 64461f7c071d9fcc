import { expect, test, type APIRequestContext, type Page } from '@playwright/test';
import { accessible, fits } from '../support/access.ts';
import { admin, installation } from '../support/installation.ts';
import { log } from '../support/log.ts';
import { ask, enter, signedIn } from '../support/people.ts';
import { pageScript, task } from '../support/scripts.ts';
import { languages, t } from '../support/texts.ts';

const house = installation({
  users: { olga: 'operator', dora: 'developer' },
  scripts: {
    'bench/many.py': task({ display_name: 'Many' }, 'for i in range(5000): print("row %05d" % i)'),
    'bench/talk.py': pageScript({ display_name: 'Talk' }),
  },
});

async function start(id: string, as = admin): Promise<string> {
  return (await house.cli<{ execution_id: string }>(['run', id, '--as', as])).execution_id;
}

async function many(): Promise<string> {
  const id = await start('bench/many');
  await expect.poll(async () => (await house.execution(id)).state).toBe('completed');
  return id;
}

async function talk(as = admin) {
  const id = await start('bench/talk', as);
  await expect.poll(async () => (await house.execution(id)).phase).toBe('ready');
  const { url } = await house.execution(id);
  const say = async (request: APIRequestContext, n: number) =>
    expect((await request.get(new URL(`say?n=${n}`, url).href)).ok()).toBe(true);
  return { id, say };
}

const strip = (page: Page) => page.getByRole('navigation', { name: t('ui.logtabs.title') });
const tab = (page: Page, name: string) => strip(page).getByRole('link', { name });
const search = (page: Page) => page.getByRole('searchbox', { name: t('ui.log.search') });
const closer = (page: Page, script: string) =>
  strip(page).getByRole('button', { name: t('ui.logtabs.close', { script }) });

test('logs are open side by side, each as it was left, and say where there is more', async ({
  page,
  request,
}) => {
  const first = await many();
  const { id: second, say } = await talk();
  await enter(page, house, admin, 'executions');
  const open = (script: string) =>
    page
      .getByRole('link', { name: t('ui.logtabs.open_script', { script }) })
      .first()
      .click();
  await open('Many');
  await expect(log(page).getByText('row 04999')).toBeVisible();
  await search(page).fill('row 012');
  await expect(page.getByText(t('ui.log.match', { position: '–', total: '100' }))).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(log(page).locator('.hit.current')).toBeVisible();
  const seen = await log(page).locator('.stepped .text').textContent();

  await page.getByRole('button', { name: t('ui.running.count', { count: 1 }) }).click();
  await open('Talk');
  await expect(strip(page).getByRole('link')).toHaveCount(2);
  await expect(tab(page, 'Talk')).toHaveAttribute('aria-current', 'page');
  await expect(log(page).getByText('listening')).toBeVisible();

  await tab(page, 'Many').click();
  await expect(search(page)).toHaveValue('row 012');
  await expect(log(page).locator('.stepped .text')).toHaveText(seen ?? '');
  await expect(log(page).locator('.stepped')).toBeInViewport();
  await expect(page.getByRole('button', { name: t('ui.log.to_end') })).toBeVisible();

  await say(request, 3);
  await expect(tab(page, 'Talk').getByText(t('ui.logtabs.fresh'))).toBeAttached();
  // They stay while another page is shown, and when the page is loaded again.
  await page.goto(`${house.url}#/environments`);
  await page.getByRole('link', { name: t('ui.logtabs.title') }).click();
  await expect(tab(page, 'Many')).toHaveAttribute('aria-current', 'page');
  await expect(log(page).locator('.stepped .text')).toHaveText(seen ?? '');
  await tab(page, 'Talk').focus();
  await page.keyboard.press('Enter');
  await expect(log(page).getByText('line 00003 out')).toBeVisible();
  await expect(tab(page, 'Talk').getByText(t('ui.logtabs.fresh'))).toHaveCount(0);
  await page.reload();
  await expect(strip(page).getByRole('link')).toHaveCount(2);

  await tab(page, 'Talk').focus();
  await page.keyboard.press('ArrowLeft');
  await expect(tab(page, 'Many')).toBeFocused();
  await page.keyboard.press('Delete');
  await expect(strip(page).getByRole('link')).toHaveCount(1);
  await expect(tab(page, 'Talk')).toBeFocused();
  await house.cli(['stop', second]);
  await page.goto(`${house.url}#/logs/${first}`);
  await expect(strip(page).getByRole('link')).toHaveCount(2);
  await tab(page, 'Talk').click({ button: 'middle' });
  await expect(strip(page).getByRole('link')).toHaveCount(1);
  await closer(page, 'Many').click();
  await expect(page.getByText(t('ui.logtabs.none'), { exact: true })).toBeVisible();
});

test('no more logs are open than can be looked through', async ({ page }) => {
  await enter(page, house, admin, 'executions');
  const ids: string[] = [];
  for (let i = 0; i < 13; i++) ids.push(await start('bench/many'));
  for (const id of ids) {
    await page.goto(`${house.url}#/logs/${id}`);
    await expect(log(page).getByText('row 04999')).toBeVisible();
  }
  await expect(strip(page).getByRole('link')).toHaveCount(12);
  await expect(page.getByText(t('ui.logtabs.most', { script: 'Many' }))).toBeVisible();
  await expect(strip(page).locator(`a[href$="${ids[0] ?? ''}"]`)).toHaveCount(0);
  await page.getByRole('button', { name: t('ui.logtabs.close_all') }).click();
  await expect(page.getByText(t('ui.logtabs.none'), { exact: true })).toBeVisible();
});

test('administrators see how many look on; others do not', async ({ page, browser }) => {
  const { id } = await talk('olga');
  await enter(page, house, admin, `executions/${id}`);
  await expect(page.getByText(t('ui.log.viewers', { count: 1 }), { exact: true })).toBeVisible();
  const context = await browser.newContext();
  const other = await context.newPage();
  await enter(other, house, 'olga', `logs/${id}`);
  await expect(log(other).getByText('listening')).toBeVisible();
  await expect(page.getByText(t('ui.log.viewers', { count: 2 }), { exact: true })).toBeVisible();
  await expect(other.getByText(t('ui.log.viewers', { count: 2 }), { exact: true })).toHaveCount(0);
  await context.close();
  await expect(page.getByText(t('ui.log.viewers', { count: 1 }), { exact: true })).toBeVisible();
  await house.cli(['stop', id]);
});

test('what is shared is followed live, and offers nothing that could only fail', async ({
  page,
  request,
}) => {
  const { id, say } = await talk('olga');
  await enter(page, house, admin, `executions/${id}`);
  await page.getByRole('button', { name: t('ui.marks.share') }).click();
  await expect(page.getByRole('button', { name: t('ui.marks.unshare') })).toBeVisible();
  await enter(page, house, 'dora', `executions/${id}`);
  await expect(log(page).getByText('listening')).toBeVisible();
  await say(request, 2);
  await expect(log(page).getByText('line 00002 out')).toBeVisible();
  for (const name of [t('ui.run.stop'), t('ui.run.show_window')])
    await expect(page.getByRole('button', { name })).toHaveCount(0);
  await house.cli(['stop', id]);
  await expect(page.getByText(t('state.terminated')).first()).toBeVisible();
  await expect(page.getByRole('button', { name: t('ui.run.again') })).toHaveCount(0);
});

test('an execution shows parameters, surroundings and timeline in tabs beside its log', async ({ page }) => {
  const id = await many();
  await enter(page, house, admin, `executions/${id}`);
  const part = (key: string) => page.getByRole('tab', { name: t(key), exact: true });
  await expect(part('ui.execution.tab_output')).toHaveAttribute('aria-selected', 'true');
  await part('ui.execution.tab_debug').click();
  await expect(log(page)).toContainText('ms');
  await page.getByRole('button', { name: 'stderr', exact: true }).click();
  await expect(part('ui.execution.tab_debug')).toHaveAttribute('aria-selected', 'false');
  await part('ui.script.parameters').click();
  await expect(page.getByText(t('ui.execution.no_parameters'))).toBeVisible();
  await expect(page.getByRole('tabpanel').getByText('many.py')).toBeVisible();
  await part('ui.execution.environment').click();
  const panel = page.getByRole('tabpanel');
  await expect(panel.getByRole('link', { name: 'Many' })).toHaveAttribute('href', '#/scripts/bench/many');
  await expect(panel.getByRole('link', { name: 'project_default' })).toHaveAttribute(
    'href',
    /#\/executions\?project=\d+/,
  );
  await panel.getByRole('link', { name: 'system' }).click();
  await expect(page).toHaveURL(/#\/environments\//);
});

test('open logs and an execution fit and are accessible, in every language', async ({ page }) => {
  const ids = [await many(), await many(), await many()];
  const token = await signedIn(page.request, house);
  await page.setViewportSize({ width: 1024, height: 640 });
  for (const [at, language] of languages.entries()) {
    const theme = at % 2 === 0 ? 'light' : 'dark';
    await ask(page.request, house, token, 'Session.SetPreferences', { language, theme });
    await enter(page, house, admin, `logs/${ids[0] ?? ''}`, language);
    for (const id of ids) {
      await page.goto(`${house.url}#/logs/${id}`);
      await expect(page.getByRole('log')).toContainText('row 04999');
    }
    await accessible(page, `open logs, ${language}`);
    await fits(page, `open logs, ${language}`);
    await page.goto(`${house.url}#/executions/${ids[0] ?? ''}`);
    for (const key of ['ui.script.parameters', 'ui.execution.environment', 'ui.timeline.title']) {
      await page.getByRole('tab', { name: t(key, {}, language), exact: true }).click();
      await accessible(page, `${key}, ${language}`);
      await fits(page, `${key}, ${language}`);
    }
  }
  await ask(page.request, house, token, 'Session.SetPreferences', { language: 'en', theme: 'light' });
});
