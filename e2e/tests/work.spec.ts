import { expect, test } from '@playwright/test';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { admin, installation } from '../support/installation.ts';
import { enter } from '../support/people.ts';
import { openScript, runScript } from '../support/script.ts';
import { header, pageScript } from '../support/scripts.ts';
import { pattern, t } from '../support/texts.ts';

const house = installation({
  scripts: { 'bench/page.py': pageScript({ display_name: 'Plain page' }) },
});

test('a project is created, runs have it, and switching goes back', async ({ page }) => {
  await enter(page, house);
  const current = (project: string) =>
    page.getByRole('button', { name: t('ui.project.current', { project }) });
  await current('project_default').click();
  await page.getByRole('button', { name: t('ui.project.new') }).click();
  await page.getByLabel(t('ui.project.name')).fill('Line 4 – Parma');
  await page.getByRole('button', { name: t('ui.project.create'), exact: true }).click();
  await expect(current('Line 4 – Parma')).toBeVisible();

  await openScript(page, house, 'bench/page', 'Plain page');
  const tab = await runScript(page);
  await expect(tab.frame.getByRole('heading', { name: 'Page of Line 4 – Parma' })).toBeVisible();
  await expect(tab.page).toHaveTitle(`Plain page – Line 4 – Parma – ${admin}`);

  // In another project the same script runs beside it, in a tab of its own.
  await current('Line 4 – Parma').click();
  await page.getByRole('button', { name: 'project_default' }).click();
  await expect(current('project_default')).toBeVisible();
  const second = await runScript(page);
  await expect(second.frame.getByRole('heading', { name: 'Page of project_default' })).toBeVisible();
  expect(second.id).not.toBe(tab.id);

  // The same name again is refused, in words.
  await current('project_default').click();
  await page.getByRole('button', { name: t('ui.project.new') }).click();
  await page.getByLabel(t('ui.project.name')).fill('line 4 – parma');
  await page.getByRole('button', { name: t('ui.project.create'), exact: true }).click();
  await expect(page.getByText(t('error.name_taken', { name: 'line 4 – parma' }))).toBeVisible();

  await Promise.all([tab.page.close(), second.page.close()]);
  await expect.poll(() => house.leases()).toEqual([]);
});

test('scripts that come, change and go are seen without loading anything again', async ({ page }) => {
  await enter(page, house, admin, 'groups/bench');
  await expect(page.getByRole('link', { name: 'Plain page' })).toBeVisible();

  house.write('bench/later.py', pageScript({ display_name: 'Came later' }));
  await expect(page.getByRole('link', { name: 'Came later' })).toBeVisible();
  house.write('bench/later.py', pageScript({ display_name: 'Renamed since' }));
  await expect(page.getByRole('link', { name: 'Renamed since' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Came later' })).toHaveCount(0);
  rmSync(join(house.groups, 'bench/later.py'));
  await expect(page.getByRole('link', { name: 'Renamed since' })).toHaveCount(0);

  // A whole group, and a fault in one of its headers, told with file and line.
  house.write('workshop/saw.py', `${header({ display_name: 'Saw', parameters: '[{"name": ' })}print(1)\n`);
  await page
    .getByRole('navigation', { name: t('ui.nav.main') })
    .getByRole('link', { name: 'Workshop' })
    .click();
  await page.getByRole('link', { name: /^Saw/ }).click();
  await page.getByRole('tab', { name: t('ui.problem.title') }).click();
  await expect(page.getByRole('tabpanel')).toContainText('saw.py');
  await expect(page.getByRole('tabpanel')).toContainText(t('ui.problem.error'));
});

test('an address that leads nowhere says so', async ({ page }) => {
  await enter(page, house, admin, 'nowhere/at/all');
  await expect(page.getByRole('heading', { level: 1, name: t('ui.not_found.title') })).toBeVisible();
  await page.goto(`${house.url}#/scripts/bench/nothing`);
  await expect(page.getByText(pattern('error.not_found'))).toBeVisible();
  await page.goto(`${house.url}#/groups/nothing`);
  await expect(page.getByRole('heading', { level: 1, name: t('ui.group.missing') })).toBeVisible();
});

test('a restart of the server is survived by an open page', async ({ page }) => {
  await enter(page, house);
  const port = new URL(house.url).port;
  await house.end();
  await expect(page.getByText(t('ui.connection.lost'))).toBeVisible();
  await house.serve(Number(port));
  // The new server knows no sessions: it asks to sign in, and says nothing worse.
  await expect(page.getByRole('heading', { name: t('ui.sign_in.title') })).toBeVisible();
});
