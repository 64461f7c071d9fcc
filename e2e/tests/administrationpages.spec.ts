import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { accessible, fits } from '../support/access.ts';
import { installation } from '../support/installation.ts';
import { enter } from '../support/people.ts';
import { openScript, runButton } from '../support/script.ts';
import { header } from '../support/scripts.ts';
import { pattern, t } from '../support/texts.ts';

const house = installation({
  users: { otto: 'operator' },
  scripts: {
    'bench/job.py': `${header({ display_name: 'A job', interface: 'none' })}
import sys
open(sys.argv[sys.argv.index("--data-dir") + 1] + "/result.txt", "w").write("x" * 5000)
`,
    'bench/bad.py': header({ display_name: 'A bad one', required_level: 'king' }),
    'bench/examples/broken.json': '{\n  oops\n}',
  },
});

// ADM-6: one page leads to all that administrators look after; nobody else is led there.
test('the overview leads to the pages of administration', async ({ page }) => {
  await enter(page, house, 'anna', 'administration');
  const main = page.getByRole('main');
  for (const key of [
    'running',
    'users',
    'setup',
    'data_use',
    'discovery',
    'document_status',
    'audit',
    'system_logs',
  ])
    await expect(main.getByRole('link', { name: pattern(`ui.nav.${key}`) }).first()).toBeVisible();
  await accessible(page, 'the overview');
  await fits(page, 'the overview');
  // UI-6: the palette reaches them, too.
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog').getByRole('combobox').fill(t('ui.nav.system_logs'));
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: t('ui.nav.system_logs') })).toBeVisible();
});

// ADM-6, DIS-8: what is wrong in all groups is on one page, and is looked for again.
test('problems of all groups are listed with file and line, and looked for again', async ({ page }) => {
  await enter(page, house, 'anna', 'discovery');
  const problems = page.getByRole('region', { name: t('ui.problem.title') });
  await expect(problems.getByText(/bench\/bad\.py:\d/)).toBeVisible();
  await expect(problems.getByText('bench/examples/broken.json:2')).toBeVisible();
  await accessible(page, 'problems');
  await fits(page, 'problems');
  house.write('bench/worse.py', header({ display_name: 'Worse', required_level: 'queen' }));
  await page.getByRole('button', { name: t('ui.discovery.look') }).press('Enter');
  await expect(problems.getByText(/bench\/worse\.py:\d/)).toBeVisible();
});

// ADM-6: what a project takes is measured, and cleared once its name is typed.
test('data of a project are measured and cleared', async ({ browser }) => {
  test.slow();
  const his = await browser.newContext();
  const otto = await his.newPage();
  await enter(otto, house, 'otto');
  await openScript(otto, house, 'bench/job', 'A job');
  await runButton(otto).click();
  await otto.getByRole('tab', { name: pattern('ui.script.history') }).click();
  await expect(otto.getByRole('tabpanel').getByText(t('state.completed')).first()).toBeVisible();
  await his.close();

  const hers = await browser.newContext();
  const page = await hers.newPage();
  await enter(page, house, 'anna', 'data-use');
  const row = page.getByRole('row').filter({ hasText: 'otto' }).filter({ hasText: 'project_default' });
  await expect(row).toContainText(/4[.,]9\sKiB/);
  // What is of no project is said in words.
  const rest = page
    .getByRole('row')
    .filter({ hasText: 'otto' })
    .filter({ hasText: t('ui.data_use.no_project_row') });
  await expect(rest.getByRole('button', { name: pattern('ui.data_use.clear_logs_of') })).toBeVisible();
  await expect(page.getByRole('row').filter({ hasText: 'anna' }).getByRole('button')).toHaveCount(0);
  await accessible(page, 'data use');
  await fits(page, 'data use');
  await row.getByRole('button', { name: pattern('ui.data_use.clear_data_of') }).press('Enter');
  const button = page.getByRole('button', { name: t('ui.data_use.clear'), exact: true });
  await expect(button).toBeDisabled();
  await page.getByLabel(t('ui.data_use.type', { name: 'project_default' })).fill('project_default');
  await button.click();
  await expect(row.getByRole('button', { name: pattern('ui.data_use.clear_data_of') })).toHaveCount(0);
  await hers.close();
});

// ADM-6: the product's own logs are followed, filtered and saved.
test('system logs are shown, filtered and exported', async ({ page }) => {
  await enter(page, house, 'anna', 'system-logs');
  await page.getByLabel(t('ui.system_logs.log'), { exact: true }).selectOption('access');
  const lines = page.getByRole('log');
  await expect(lines.getByText(/Session\.SignIn/).first()).toBeVisible();
  await accessible(page, 'system logs');
  await fits(page, 'system logs');
  await page.getByLabel(t('ui.system_logs.text')).fill('nothing has this');
  await expect(page.getByText(t('ui.system_logs.none'))).toBeVisible();
  await page.getByLabel(t('ui.system_logs.text')).fill('signin');
  await expect(lines.getByText(/Session\.SignIn/).first()).toBeVisible();
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: t('ui.export.title') }).click(),
  ]);
  expect(file.suggestedFilename()).toBe('access.log');
  expect(readFileSync(await file.path(), 'utf8')).toContain('Session.SignIn');
  await page.goto(`${house.url}#/document-status`);
  await expect(page.getByRole('row').filter({ hasText: 'A job' })).toContainText(t('ui.documents.missing'));
  await accessible(page, 'documentation status');
  await fits(page, 'documentation status');
});
