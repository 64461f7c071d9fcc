import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { condaIn } from '../support/conda.ts';
import { admin, installation } from '../support/installation.ts';
import { enter } from '../support/people.ts';
import { openScript } from '../support/script.ts';
import { t } from '../support/texts.ts';
import { newCamera, prefer, variants } from './camera.ts';
import { scripts } from './house.ts';

test.describe.configure({ mode: 'serial' });

const folder = mkdtempSync(join(tmpdir(), 'environments-'));

/** A virtual environment that is found, as it lies in a folder of the configuration. */
function venv(name: string, ...options: string[]): string {
  const path = join(folder, name);
  execFileSync('/usr/bin/python3', ['-m', 'venv', '--without-pip', ...options, path]);
  return path;
}

const good = join(folder, 'line-4');
const bare = join(folder, 'commissioning-2026-with-a-rather-long-name');
const broken = join(folder, 'moved');
/** Of conda, and made here: it may be removed. */
let made = '';

const house = installation({
  samples: true,
  users: { 'm.rossi': 'operator' },
  scripts,
  config: { environments: { folders: [folder] } },
});

test.beforeAll(async () => {
  test.setTimeout(300_000);
  made = join(condaIn(house), 'good');
  venv('line-4', '--system-site-packages');
  venv('commissioning-2026-with-a-rather-long-name');
  venv('moved');
  // Its Python was taken away.
  rmSync(join(broken, 'bin/python3'));
  symlinkSync('/opt/python-3.9/bin/python3', join(broken, 'bin/python3'));
  await house.cli(['environment', 'refresh']);
  await house.cli(['environment', 'create', 'good', '--python', '3.11', '--channel', 'conda-forge', 'flask']);
  await house.cli(['group', 'set-environment', 'commissioning', good]);
  await house
    .cli(['run', 'commissioning/flow_balance', '--as', admin, '--wait', 'end'])
    .catch(() => undefined); // it fails, which is what it is for
});

test.afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

for (const { theme, language } of variants) {
  test(`environments, ${theme}, ${language}`, async ({ browser }) => {
    const camera = await newCamera(browser, house, theme, language);
    const { page } = camera;
    const text = (key: string, params = {}) => t(key, params, language);
    const settled = () => expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
    const detail = (path: string) => `environments/${encodeURIComponent(path)}`;
    await prefer(page, house, admin, theme, language);
    await enter(page, house, admin, '', language);

    await page.goto(`${house.url}#/environments`);
    await expect(page.getByRole('row').filter({ hasText: good })).toBeVisible();
    await camera.shoot('14-environments');
    await page.getByRole('searchbox').fill('nothing like this');
    await expect(page.getByText(text('ui.environments.no_match'))).toBeVisible();
    await camera.shoot('14-environments-no-match');
    await page.getByRole('searchbox').fill('');
    const press = (key: string) =>
      page
        .locator('.page-header')
        .getByRole('button', { name: text(`ui.change.${key}`), exact: true })
        .click();
    await press('new');
    await page.getByLabel(text('ui.environments.name'), { exact: true }).fill('fluid-2');
    await expect(page.getByText(/miniconda3.*fluid-2|mine.*fluid-2/)).toBeVisible();
    await camera.shoot('14-environments-new');
    await page.getByLabel(text('ui.change.tool')).selectOption('venv');
    await page.getByLabel(text('ui.environments.name'), { exact: true }).fill('base');
    await camera.shoot('14-environments-new-wrong');
    await page.getByLabel(text('ui.change.way_file')).check();
    await camera.shoot('14-environments-import');
    await page.keyboard.press('Escape');

    await page.goto(`${house.url}#/${detail(good)}`);
    await expect(page.getByRole('heading', { level: 1, name: 'line-4' })).toBeVisible();
    await settled();
    await camera.shoot('14-environment');
    for (const key of ['install_now', 'clone', 'export']) {
      await press(key);
      await camera.shoot(`14-environment-${key}`);
      await page.getByRole('button', { name: text('ui.action.cancel'), exact: true }).click();
    }
    await page.getByRole('tab', { name: text('ui.environment.variables') }).click();
    await expect(page.getByRole('heading', { name: 'PATH' })).toBeVisible();
    await camera.shoot('14-environment-variables');
    await page.getByRole('tab', { name: text('ui.nav.executions') }).click();
    await expect(page.getByRole('tabpanel').getByRole('row').nth(1)).toBeVisible();
    await camera.shoot('14-environment-executions');
    await page.goto(`${house.url}#/${detail(made)}`);
    await expect(page.getByRole('heading', { level: 1, name: 'good' })).toBeVisible();
    await settled();
    await camera.shoot('14-environment-conda');
    for (const key of ['install_now', 'clone', 'export', 'remove']) {
      await press(key);
      await camera.shoot(`14-environment-conda-${key}`);
      await page.getByRole('button', { name: text('ui.action.cancel'), exact: true }).click();
    }
    for (const [name, path] of [
      ['14-environment-bare', bare],
      ['14-environment-broken', broken],
    ] as const) {
      await page.goto(`${house.url}#/${detail(path)}`);
      await expect(page.getByRole('heading', { level: 1 })).toHaveText(path.split('/').pop() ?? '');
      await settled();
      if (path === broken) await page.getByText(text('ui.error.details'), { exact: true }).click();
      await camera.shoot(name);
    }
    await camera.go('14-environment-missing', detail('/nowhere/at/all'));

    await openScript(page, house, 'commissioning/vibration', '');
    await page.getByTitle(text('ui.environment.others')).click();
    const dialog = page.getByRole('dialog');
    await expect(dialog.getByRole('listitem').filter({ hasText: bare })).toContainText(
      'scipy_that_nobody_has',
    );
    await camera.shoot('14-environment-choose');
    await dialog.getByRole('listitem').last().scrollIntoViewIfNeeded();
    await camera.shoot('14-environment-choose-end');
    await page.keyboard.press('Escape');
    await expect(dialog).toHaveCount(0);
    await page.context().close();
  });

  test(`environments for an operator, ${theme}, ${language}`, async ({ browser }) => {
    const camera = await newCamera(browser, house, theme, language);
    const { page } = camera;
    await prefer(page, house, 'm.rossi', theme, language);
    await enter(page, house, 'm.rossi', `environments/${encodeURIComponent(good)}`, language);
    await expect(page.getByRole('heading', { level: 1, name: 'line-4' })).toBeVisible();
    await camera.shoot('31-operator-environment');
    await openScript(page, house, 'thermal_analysis/heat_transfer', '');
    await page.getByTitle(t('ui.environment.others', {}, language)).click();
    await expect(page.getByRole('dialog').getByRole('listitem').first()).toBeVisible();
    await camera.shoot('31-operator-environment-choose');
    await page.context().close();
  });
}
