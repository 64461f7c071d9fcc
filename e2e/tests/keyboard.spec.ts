import { expect, test } from '@playwright/test';
import { installation } from '../support/installation.ts';
import { enter } from '../support/people.ts';
import { openScript, opensTab, runButton } from '../support/script.ts';
import { pageScript, task } from '../support/scripts.ts';
import { t } from '../support/texts.ts';

const house = installation({
  scripts: {
    'bench/page.py': pageScript({ display_name: 'Plain page', tags: 'térmico' }),
    'bench/slow.py': task({ display_name: 'Slow task' }, 'print("begun", flush=True)\ntime.sleep(600)'),
  },
});

test('the palette finds pages and scripts, without accents too, and leads there', async ({ page }) => {
  await enter(page, house);
  const palette = page.getByRole('dialog', { name: t('ui.palette.open') });
  await page.keyboard.press('Control+k');
  await expect(palette).toBeVisible();
  const field = palette.getByRole('combobox');
  await expect(field).toBeFocused();
  await page.keyboard.type('termico');
  await expect(palette.getByRole('option').first()).toContainText('Plain page');
  await page.keyboard.press('Enter');
  await expect(palette).toBeHidden();
  await expect(page.getByRole('heading', { level: 1, name: 'Plain page' })).toBeVisible();

  await page.keyboard.press('Control+k');
  await expect(field).toBeFocused();
  await expect(field).toHaveValue('');
  await page.keyboard.type('nothing like this');
  await expect(palette.getByText(t('ui.palette.none'))).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(palette).toBeHidden();

  // By arrows: the third entry of all.
  await page.keyboard.press('Control+k');
  await expect(field).toBeFocused();
  const selected = palette.getByRole('option', { selected: true });
  await expect(selected).toContainText(t('ui.nav.dashboard'));
  await page.keyboard.press('ArrowDown');
  await expect(selected).toContainText(t('ui.scripts.title'));
  await page.keyboard.press('ArrowDown');
  await expect(selected).toContainText(t('ui.nav.executions'));
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: t('ui.nav.executions') })).toBeVisible();
});

test('? lists the keys, and is a plain letter in a field', async ({ page }) => {
  await enter(page, house, 'anna', 'groups/bench');
  // Until the group is there, the page has no field for / to go to.
  const search = page.getByLabel(t('ui.group.filter'));
  await expect(search).toBeVisible();
  const help = page.getByRole('dialog', { name: t('ui.keys.title') });
  await page.keyboard.press('?');
  await expect(help).toBeVisible();
  await expect(help.getByText(t('ui.keys.palette'))).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(help).toBeHidden();
  await page.keyboard.press('/');
  await expect(search).toBeFocused();
  await page.keyboard.press('?');
  await expect(search).toHaveValue('?');
  await expect(help).toBeHidden();
});

test('Ctrl+Enter runs, Ctrl+. stops', async ({ page }) => {
  await enter(page, house);
  await openScript(page, house, 'bench/slow', 'Slow task');
  await expect(runButton(page)).toBeEnabled();
  await page.keyboard.press('Control+Enter');
  await expect(page.getByText('begun', { exact: true })).toBeVisible();
  // The key stops what the page knows to run, which it hears of by itself.
  const stop = page.locator('.page-header').getByRole('button', { name: t('ui.run.stop'), exact: true });
  await expect(stop).toBeVisible();
  await page.keyboard.press('Control+.');
  await expect(page.getByRole('tabpanel').getByText(t('state.terminated')).first()).toBeVisible();

  await openScript(page, house, 'bench/page', 'Plain page');
  await expect(runButton(page)).toBeEnabled();
  const tab = await opensTab(page, () => page.keyboard.press('Control+Enter'));
  await expect(tab.frame.getByRole('heading')).toBeVisible();
  await page.bringToFront();
  await expect(stop).toBeVisible();
  await page.keyboard.press('Control+.');
  await expect.poll(async () => (await house.execution(tab.id)).state).toBe('terminated');
});

test('menus open, move and close by keyboard and give the focus back', async ({ page }) => {
  await enter(page, house);
  const opener = page.getByRole('button', { name: t('ui.theme.title') });
  await opener.focus();
  await expect(opener).toBeFocused();
  await page.keyboard.press('Enter');
  const light = page.getByRole('button', { name: t('ui.theme.light'), exact: true });
  const dark = page.getByRole('button', { name: t('ui.theme.dark'), exact: true });
  await expect(light).toBeVisible();
  await page.keyboard.press('ArrowDown');
  await expect(light).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(dark).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(dark).toHaveCount(0);
  await expect(opener).toBeFocused();

  // The first thing that Tab reaches leads past the frame.
  await page.reload();
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: t('ui.nav.skip') })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.locator('#content')).toBeFocused();
});
