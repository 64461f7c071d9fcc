import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { accessible, fits } from '../support/access.ts';
import { installation } from '../support/installation.ts';
import { enter } from '../support/people.ts';
import { t } from '../support/texts.ts';

const house = installation({ users: { boris: 'admin', otto: 'developer' } });

const file = () => join(house.root, 'config.json');
const content = () => JSON.parse(readFileSync(file(), 'utf8')) as Record<string, Record<string, unknown>>;
const grace = (page: Page) => page.getByRole('textbox', { name: t('setting.name.limits.grace_seconds') });
const save = (page: Page) => page.getByRole('button', { name: t('ui.settings.save'), exact: true });

// ADM-3: one Save for all changes, mistakes at the field, history and a way back.
test('settings are changed, a mistake is told at its field, and a change is taken back', async ({ page }) => {
  test.slow(); // axe, twice
  await enter(page, house, 'anna', 'settings');
  await expect(page.getByText(file())).toBeVisible();
  await accessible(page, 'settings');
  await fits(page, 'settings');

  await page.getByRole('searchbox').fill('grace');
  await expect(page.getByText('limits.grace_seconds')).toBeVisible();
  await expect(page.getByText('job_workers')).toHaveCount(0);
  await page.getByRole('searchbox').fill('');

  await grace(page).fill('4000');
  await expect(page.getByText(t('ui.settings.invalid', { values: '0–3600' }))).toBeVisible();
  await expect(save(page)).toBeDisabled();
  await grace(page).fill('9');
  await page.getByRole('switch', { name: t('setting.name.debug') }).check();
  const folders = t('setting.name.environments.folders');
  await page.getByRole('textbox', { name: t('ui.settings.add_to', { name: folders }) }).fill('/opt/pythons');
  await page.keyboard.press('Enter');
  const bar = page.getByRole('region', { name: t('ui.settings.changes') });
  await expect(bar.getByRole('listitem')).toHaveCount(3);
  await accessible(page, 'settings, changed');
  await save(page).click();
  await expect(bar).toHaveCount(0);
  expect(content()['limits']).toEqual({ grace_seconds: 9, start_seconds: 60 });
  expect(content()['environments']).toEqual({ folders: ['/opt/pythons'] });
  expect(content()['debug']).toBe(true);

  await page.getByRole('tab', { name: t('ui.settings.history') }).click();
  const row = page.getByRole('row').filter({ hasText: 'limits.grace_seconds' });
  await expect(row).toContainText('anna');
  await row.getByRole('button', { name: new RegExp(`^${t('ui.settings.back')}:`) }).click();
  await expect(page.getByRole('row').filter({ hasText: 'limits.grace_seconds' })).toHaveCount(2);
  expect(content()['limits']).toEqual({ grace_seconds: 4, start_seconds: 60 });
  await accessible(page, 'history of settings');
});

test('two administrators who change one setting are told of each other', async ({ browser }) => {
  const [anna, boris] = [
    await (await browser.newContext()).newPage(),
    await (await browser.newContext()).newPage(),
  ];
  await enter(anna, house, 'anna', 'settings');
  await enter(boris, house, 'boris', 'settings');
  const workers = (page: Page) => page.getByRole('textbox', { name: t('setting.name.job_workers') });
  await workers(anna).fill('3');
  await workers(boris).fill('4');
  await save(anna).click();
  await expect(save(anna)).toHaveCount(0);
  const told = boris.getByText(t('ui.settings.conflict', { by: 'anna', theirs: '3' }));
  await expect(told).toBeVisible(); // while he still types
  await expect(workers(boris)).toHaveValue('4');
  await boris.getByRole('button', { name: t('ui.settings.keep_mine') }).click();
  await expect(told).toHaveCount(0);
  await save(boris).click();
  await expect(workers(anna)).toHaveValue('4');
  expect(content()['job_workers']).toBe(4);
});

test('a file that is edited by hand is picked up, and one with a mistake is refused and put back', async ({
  page,
}) => {
  await enter(page, house, 'anna', 'settings');
  const good = content();
  writeFileSync(file(), JSON.stringify({ ...good, limits: { grace_seconds: 6 } }));
  await expect(grace(page)).toHaveValue('6');
  writeFileSync(file(), '{\n  "limits": {\n    "grave_seconds": 1\n  }\n}\n');
  const problems = page.getByRole('alert').filter({ hasText: t('ui.settings.problems') });
  await expect(problems).toContainText('grave_seconds');
  await expect(problems).toContainText('config.json:3');
  await expect(page.getByText(t('ui.settings.refused'))).toBeVisible();
  await expect(grace(page)).toHaveValue('6'); // in force
  await accessible(page, 'settings, refused');
  await problems.getByRole('button', { name: t('ui.settings.restore') }).click();
  await expect(problems).toHaveCount(0);
  await expect(page.getByText(t('ui.settings.refused'))).toHaveCount(0);
  expect(content()['limits']).toEqual({ grace_seconds: 6 });
  await page.getByRole('tab', { name: t('ui.settings.history') }).click();
  await expect(
    page
      .getByRole('row')
      .filter({ hasText: t('setting.by.file') })
      .first(),
  ).toContainText('config.json');
});

test('settings are for administrators alone', async ({ page }) => {
  await enter(page, house, 'otto', 'settings');
  await expect(page.getByText(t('error.not_allowed', { level: t('level.admin') }))).toBeVisible();
  await expect(page.getByRole('link', { name: t('ui.nav.settings') })).toHaveCount(0);
});
