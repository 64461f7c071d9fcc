import { expect, test } from '@playwright/test';
import { installation } from '../support/installation.ts';
import { enter } from '../support/people.ts';
import { openScript, opensTab, runButton, runScript } from '../support/script.ts';
import { pageScript } from '../support/scripts.ts';
import { t } from '../support/texts.ts';

const house = installation({
  users: { otto: 'operator' },
  scripts: {
    'bench/page.py': pageScript({ display_name: 'Plain page' }),
    'bench/kept.py': pageScript({ display_name: 'Kept page', background: 'true' }),
    'bench/given.py': pageScript({
      display_name: 'Given page',
      parameters: JSON.stringify([{ name: 'height', type: 'integer', default: 1, label: 'Height' }]),
    }),
    'bench/broken.py': pageScript(
      { display_name: 'Broken page' },
      'def measure():\n    raise ValueError("no sensor at 7")\n\nmeasure()\n',
    ),
  },
});

test('a page in a tab writes to the clipboard, reads nothing of it, and opens windows', async ({
  page,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await enter(page, house, 'otto');
  await openScript(page, house, 'bench/page', 'Plain page');
  const tab = await runScript(page);
  const heading = tab.frame.getByRole('heading');
  await expect(heading).toBeVisible();
  await heading.click();
  const wrote = await heading.evaluate(() =>
    navigator.clipboard.writeText('figures of a page').then(
      () => 'written',
      (e: unknown) => String(e),
    ),
  );
  expect(wrote).toBe('written');
  const read = await heading.evaluate(() =>
    navigator.clipboard.readText().then(
      () => 'read',
      (e: unknown) => (e as Error).name,
    ),
  );
  expect(read).toBe('NotAllowedError');

  const popup = tab.page.waitForEvent('popup');
  await heading.evaluate(() => void window.open('/another', '_blank'));
  const opened = await popup;
  await expect(opened.getByRole('heading')).toBeVisible();
});

test('a script that fails to start says so in its tab, with its traceback, and is run again there', async ({
  page,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await enter(page, house, 'otto');
  await openScript(page, house, 'bench/broken', 'Broken page');
  const tab = await runScript(page);
  await expect(
    tab.page.getByRole('heading', { name: t('ui.window.failed', { script: 'Broken page' }) }),
  ).toBeVisible();
  await expect(tab.page.getByText('ValueError: no sensor at 7').first()).toBeVisible();

  await tab.page.getByRole('button', { name: t('viewer.copy'), exact: true }).click();
  await expect
    .poll(() => tab.page.evaluate(() => navigator.clipboard.readText()))
    .toContain('ValueError: no sensor at 7');
  expect(await tab.page.evaluate(() => navigator.clipboard.readText())).toContain(tab.id);

  await tab.page.getByRole('button', { name: t('ui.run.again'), exact: true }).click();
  await expect(tab.page).not.toHaveURL(new RegExp(tab.id));
  await expect(
    tab.page.getByRole('heading', { name: t('ui.window.failed', { script: 'Broken page' }) }),
  ).toBeVisible();
});

// WIN-5
test('new values count once the tab is closed, and are told to be ignored before', async ({ page }) => {
  test.slow(); // three starts
  await enter(page, house, 'otto');
  await openScript(page, house, 'bench/given', 'Given page');
  const first = await runScript(page);
  await expect(first.frame.getByRole('heading')).toBeVisible();
  await page.bringToFront();
  await page.getByLabel('Height').fill('2');
  await runButton(page).click();
  await expect(page.getByText(t('ui.run.ignored', { script: 'Given page' }))).toBeVisible();

  await first.page.close();
  await expect.poll(async () => (await house.execution(first.id)).attachments).toBe(0);
  const second = await runScript(page);
  expect(second.id).not.toBe(first.id);
  await expect(second.frame.getByRole('heading')).toBeVisible();
  await expect.poll(async () => (await house.execution(first.id)).state).toBe('completed');
  await second.page.close();
});

test('closing the tab of a background script leaves it running, with a way back', async ({ page }) => {
  test.slow(); // three tabs, and the grace of one
  await enter(page, house, 'otto');
  await openScript(page, house, 'bench/kept', 'Kept page');
  const kept = await runScript(page);
  await expect(kept.frame.getByRole('heading')).toBeVisible();
  await openScript(page, house, 'bench/page', 'Plain page');
  const plain = await runScript(page);
  await expect(plain.frame.getByRole('heading')).toBeVisible();

  await kept.page.close();
  await plain.page.close();
  await expect
    .poll(async () => (await house.execution(plain.id)).state, { timeout: 30_000 })
    .toBe('completed');
  expect((await house.execution(kept.id)).state).toBe('running');

  await page.getByRole('button', { name: t('ui.running.count', { count: 1 }) }).click();
  const back = await opensTab(page, () =>
    page
      .getByRole('button', { name: t('ui.run.show_window'), exact: true })
      .first()
      .click(),
  );
  expect(back.id).toBe(kept.id);
  await expect(back.frame.getByRole('heading')).toBeVisible();

  const tools = back.page.getByRole('toolbar', { name: t('ui.window.tools') });
  await tools.getByRole('button', { name: t('ui.run.stop') }).click();
  await expect
    .poll(async () => (await house.execution(kept.id)).state, { timeout: 30_000 })
    .toBe('terminated');
});
