import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { accessible, fits } from '../support/access.ts';
import { installation } from '../support/installation.ts';
import { enter } from '../support/people.ts';
import { openScript } from '../support/script.ts';
import { pageScript, task } from '../support/scripts.ts';
import { t } from '../support/texts.ts';

const house = installation({
  users: { otto: 'operator' },
  scripts: {
    'bench/page.py': pageScript({ display_name: 'Plain page' }),
    'bench/waits.py': task({ display_name: 'Waits until it is stopped' }, 'while True: time.sleep(0.2)'),
    'bench/needs.py': task({ display_name: 'Needs a module' }, 'import absent_module\nprint("ok")'),
  },
});

test.use({ viewport: { width: 1024, height: 640 }, reducedMotion: 'reduce' });

interface Found {
  name: string;
  path: string;
  state: string;
}

/** A virtual environment without Flask, below the installation's root. */
function venv(name: string, ...options: string[]): string {
  const path = join(mkdtempSync(join(tmpdir(), 'environments-')), name);
  execFileSync('/usr/bin/python3', ['-m', 'venv', '--without-pip', ...options, path]);
  return path;
}

// ENV-2: the list, and a page for each.
test('environments are listed with what uses them, and each has a page', async ({ page }) => {
  const found = await house.cli<Found[]>(['environment', 'list']);
  const used = found.find((one) => one.state === 'ok');
  if (!used) throw new Error('no environment of this machine has Flask');
  await enter(page, house, 'anna', 'environments');
  const row = page.getByRole('row').filter({ hasText: used.path }).first();
  await expect(row).toContainText(t('ui.environment.state.ok'));
  const search = page.getByRole('searchbox', { name: t('ui.environments.filter') });
  await search.fill('no such environment at all');
  await expect(page.getByText(t('ui.environments.no_match'))).toBeVisible();
  await page.getByRole('button', { name: t('ui.action.clear_filters') }).click();
  await accessible(page, 'the environments');
  await fits(page, 'the environments');

  await row.getByRole('link', { name: used.name, exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: used.name })).toBeVisible();
  await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
  await expect(page.getByText(used.path, { exact: true }).first()).toBeVisible();
  await accessible(page, 'an environment');
  await fits(page, 'an environment');
  await page.getByRole('tab', { name: t('ui.environment.variables') }).click();
  await expect(page.getByRole('heading', { name: 'PATH' })).toBeVisible();
  await accessible(page, 'the variables of an environment');
});

// What is not known, and what another Python lends, is not called nothing; rows fit where there is little room.
test('the page of an environment says what its Python can use, and what scripts do not get', async ({
  page,
}) => {
  const shared = venv('shared', '--system-site-packages');
  const moved = venv('moved');
  await house.cli(['environment', 'show', shared]);
  await house.cli(['environment', 'show', moved]);
  rmSync(join(moved, 'bin/python3'));
  await house.cli(['environment', 'refresh']);
  const at = (path: string) => page.goto(`${house.url}#/environments/${encodeURIComponent(path)}`);
  await enter(page, house);
  await at(moved);
  await expect(page.getByText(t('ui.environment.packages_unknown'), { exact: true })).toBeVisible();
  // Nothing can be done with it where its Python is gone.
  await expect(page.locator('.page-header').getByRole('button')).toHaveCount(0);
  await at(shared);
  await expect(page.getByText(t('ui.environment.no_own_packages'), { exact: true })).toBeVisible();
  await expect(page.getByText(t('ui.environment.shared_packages'))).toBeVisible();
  await accessible(page, 'an environment that shares packages');

  const { withheld } = await house.cli<{ withheld: string[] }>(['environment', 'activate', shared]);
  await page.getByRole('tab', { name: t('ui.environment.variables') }).click();
  await expect(page.getByRole('heading', { name: 'PATH' })).toBeVisible();
  await expect(page.getByRole('heading', { name: t('ui.environment.withheld'), exact: true })).toHaveCount(
    withheld.length > 0 ? 1 : 0,
  );

  await house.cli(['script', 'set-environment', 'bench/page', shared]);
  await house.cli(['script', 'set-environment', 'bench/needs', shared]);
  await house.cli(['run', 'bench/needs', '--as', 'anna', '--wait', 'end']).catch(() => undefined); // it fails
  await house.cli(['script', 'set-environment', 'bench/waits', shared]);
  const run = ['run', 'bench/waits', '--as', 'anna'];
  const running = await house.cli<{ execution_id: string }>(run);
  await page.getByRole('tab', { name: t('ui.nav.executions') }).click();
  const table = page.getByRole('tabpanel').locator('.table-scroll');
  await expect(table.getByRole('row').nth(2)).toBeVisible();
  // Widths are rounded.
  await expect
    .poll(() => table.evaluate((part) => part.scrollWidth - part.clientWidth))
    .toBeLessThanOrEqual(1);
  // No button touches the edge, neither of what runs nor of what has ended.
  const room = () =>
    table.evaluate((part) => {
      const right = Math.max(
        ...[...part.querySelectorAll('td:last-child .btn')].map((b) => b.getBoundingClientRect().right),
      );
      return part.getBoundingClientRect().right - right;
    });
  expect(await room()).toBeGreaterThanOrEqual(8);
  await house.cli(['stop', running.execution_id]);
  await expect(table.getByText(t('state.terminated'))).toBeVisible();
  expect(await room()).toBeGreaterThanOrEqual(8);
});

// ENV-4: the chip lists the others, with what each lacks.
test('a developer chooses another environment on the page of a script', async ({ page }) => {
  const path = venv('bare');
  await house.cli(['environment', 'show', path]);
  await enter(page, house);
  await openScript(page, house, 'bench/needs', 'Needs a module');
  await page.getByTitle(t('ui.environment.others')).click();
  const dialog = page.getByRole('dialog', { name: t('ui.environment.choose', { name: 'Needs a module' }) });
  const row = dialog.getByRole('listitem').filter({ hasText: path });
  await expect(row).toContainText('absent_module');
  await accessible(page, 'the choice of an environment');
  await row
    .getByRole('button', { name: t('ui.environment.use_named', { environment: 'bare', path }) })
    .click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText(t('ui.environment.source.script'), { exact: true })).toBeVisible();
  const shown = await house.cli<{ environment: string }>(['script', 'show', 'bench/needs']);
  expect(shown.environment).toBe(path);

  await page.getByTitle(t('ui.environment.others')).click();
  await dialog.getByRole('button', { name: t('ui.environment.take_back') }).click();
  await expect(page.getByText(t('ui.environment.source.default'), { exact: true })).toBeVisible();
});

test('an operator sees the environments and chooses none', async ({ page }) => {
  await enter(page, house, 'otto');
  await openScript(page, house, 'bench/page', 'Plain page');
  await page.getByTitle(t('ui.environment.others')).click();
  const dialog = page.getByRole('dialog', { name: t('ui.environment.choose', { name: 'Plain page' }) });
  await expect(dialog.getByText(t('ui.environment.choose_level'))).toBeVisible();
  await expect(dialog.getByRole('listitem').first()).toBeVisible();
  await expect(dialog.getByRole('button')).toHaveCount(1); // to close it
});
