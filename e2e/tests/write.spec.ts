import { expect, test } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { installation } from '../support/installation.ts';
import { enter } from '../support/people.ts';
import { runButton, runScript } from '../support/script.ts';
import { pageScript } from '../support/scripts.ts';
import { pattern, t } from '../support/texts.ts';

const ratio = `"""Ratio.

ScriptsManager Metadata:
@display_name: Ratio
"""
from scriptsmanager import Choice, Number, Script

script = Script("Ratio")


@script.form(
    Number("above", "Above", default=6),
    Choice("kind", "Kind", {"half": "Half", "own": "Own"}),
    Number("below", "Below", default=3, depends_on={"kind": "own"}),
)
def calculate(above, kind, below):
    return {"Ratio": above / (2 if kind == "half" else below)}


script.run()
`;

const house = installation({
  users: { olga: 'operator' },
  scripts: {
    'bench/page.py': pageScript({ display_name: 'Plain page' }),
    'bench/ratio.py': ratio,
    'bench/wild.py': pageScript({ display_name: 'Wild page' }).replaceAll('127.0.0.1', '0.0.0.0'),
  },
});

// DIS-10, SDK-5: from nothing to a script that others can use, by one who has never written one.
test('a script is made, run, broken, mended and checked without starting anything anew', async ({ page }) => {
  test.slow(); // three starts, and a check
  await enter(page, house);
  await page.getByRole('button', { name: t('ui.new_script.title') }).click();
  await page.getByLabel(t('ui.new_script.name'), { exact: true }).fill('Tank volume');
  await expect(page.getByLabel(t('ui.new_script.file'))).toHaveValue('tank_volume');

  // A name that no group can have is told where it was given, and nothing typed is lost.
  await page.getByLabel(t('ui.new_script.group'), { exact: true }).selectOption(t('ui.new_script.new_group'));
  const group = page.getByLabel(t('ui.new_script.group_name'));
  await group.fill('Workshop 2');
  await page.getByRole('button', { name: t('ui.new_script.create') }).click();
  await expect(page.getByText(t('error.script_name', { name: 'Workshop 2' }))).toBeVisible();
  await expect(group).toHaveAttribute('aria-invalid', 'true');
  await group.fill('workshop');
  await expect(
    page.getByText(t('ui.new_script.file_hint', { path: 'workshop/tank_volume.py' })),
  ).toBeVisible();
  await page.getByRole('button', { name: t('ui.new_script.create') }).click();

  await expect(page.getByRole('heading', { level: 1, name: 'Tank volume' })).toBeVisible();
  const first = await runScript(page);
  await expect(first.frame.getByRole('heading', { level: 1, name: 'Tank volume' })).toBeVisible();
  await first.page.close();
  await expect.poll(() => house.leases()).toEqual([]);

  const file = join(house.groups, 'workshop/tank_volume.py');
  const good = readFileSync(file, 'utf8');
  house.write('workshop/tank_volume.py', good.replace('    volume = ', '    volume = = '));
  const broken = await runScript(page);
  await expect(
    broken.page.getByRole('heading', { name: t('ui.window.failed', { script: 'Tank volume' }) }),
  ).toBeVisible();
  await expect(
    broken.page.getByText(pattern('error.script_syntax', { script: 'workshop/tank_volume' })),
  ).toBeVisible();
  await expect(broken.page.getByText('volume = = ')).toBeVisible();

  house.write('workshop/tank_volume.py', good);
  await broken.page.getByRole('button', { name: t('ui.run.again') }).click();
  await expect(broken.frame.getByRole('heading', { level: 1, name: 'Tank volume' })).toBeVisible();
  await broken.page.close();
  await expect.poll(() => house.leases()).toEqual([]);

  await page.getByRole('tab', { name: t('ui.check.title') }).click();
  await page.getByRole('button', { name: t('ui.check.start') }).click();
  await expect(page.getByText(t('ui.check.keeps'))).toBeVisible({ timeout: 60_000 });

  // The same name again would overwrite it.
  await page.goto(`${house.url}#/groups/workshop`);
  await page.getByRole('button', { name: t('ui.new_script.title') }).click();
  await page.getByLabel(t('ui.new_script.name'), { exact: true }).fill('Tank volume');
  await page.getByRole('button', { name: t('ui.new_script.create') }).click();
  await expect(page.getByText(t('error.script_exists', { file: 'workshop/tank_volume.py' }))).toBeVisible();
  expect(readFileSync(file, 'utf8')).toBe(good);
});

// SDK-3: mistakes that show only once it runs.
test('a missing module and a mistake in a calculation are told with their place', async ({ page }) => {
  test.slow(); // three starts
  await enter(page, house, undefined, 'scripts/bench/ratio');
  house.write('bench/ratio.py', ratio.replace('from scriptsmanager', 'import pandaz\nfrom scriptsmanager'));
  const lacking = await runScript(page);
  await expect(
    lacking.page.getByText(pattern('error.module_missing', { script: 'bench/ratio', module: 'pandaz' })),
  ).toBeVisible();

  // The window it failed in runs the mended one.
  house.write('bench/ratio.py', ratio.replace('above / (', 'above / 0 / ('));
  await lacking.page.getByRole('button', { name: t('ui.run.again') }).click();
  const { frame } = lacking;
  const line = ratio.split('\n').findIndex((text) => text.includes('above / (')) + 1;
  await expect(frame.getByRole('alert')).toContainText('ZeroDivisionError');
  await expect(frame.getByRole('alert')).toContainText(`ratio.py, line ${line}`);
  await expect(frame.getByLabel('Above')).toHaveValue('6');
  await lacking.page.close();
  await expect.poll(() => house.leases()).toEqual([]);

  house.write('bench/ratio.py', ratio);
  const mended = await runScript(page);
  await expect(mended.frame.getByRole('definition')).toHaveText('3');
  await expect(mended.frame.getByLabel('Below')).toBeHidden();
  await mended.frame.getByLabel('Kind').selectOption('own');
  await mended.frame.getByLabel('Below').fill('4');
  await mended.frame.getByRole('button', { name: 'Calculate' }).click();
  await expect(mended.frame.getByRole('definition')).toHaveText('1.5');
  await mended.page.close();
  await expect.poll(() => house.leases()).toEqual([]);
});

test('a check says what of the contract a script breaks', async ({ page }) => {
  await enter(page, house, undefined, 'scripts/bench/wild');
  await expect(runButton(page)).toBeEnabled();
  await page.getByRole('tab', { name: t('ui.check.title') }).click();
  await page.getByRole('button', { name: t('ui.check.start') }).click();
  await expect(page.getByText(t('ui.check.breaks'))).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText(pattern('error.contract_listens'))).toBeVisible();
});

test('an operator is shown neither', async ({ page }) => {
  await enter(page, house, 'olga', 'scripts/bench/page');
  await expect(runButton(page)).toBeEnabled();
  await expect(page.getByRole('tab', { name: t('ui.check.title') })).toHaveCount(0);
  await page.goto(`${house.url}#/`);
  await expect(page.getByRole('heading', { level: 1, name: t('ui.nav.dashboard') })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Bench' }).first()).toBeVisible();
  await expect(page.getByRole('button', { name: t('ui.new_script.title') })).toHaveCount(0);
});
