import { expect, test } from '@playwright/test';
import { accessible, fits } from '../support/access.ts';
import { admin, installation } from '../support/installation.ts';
import { enter } from '../support/people.ts';
import { task } from '../support/scripts.ts';
import { t } from '../support/texts.ts';

const house = installation({
  users: { otto: 'operator' },
  scripts: {
    'bench/pumps.py': task(
      { display_name: 'Pumps' },
      'for i in range(150): print(f"pump {i} runs")\nprint("<b>valve</b> \\x1b[31mclosed\\x1b[0m")',
    ),
    'bench/valves.py': task({ display_name: 'Valves' }, 'import sys; print("valve open", file=sys.stderr)'),
  },
});

test.use({ viewport: { width: 1024, height: 640 }, reducedMotion: 'reduce' });

// LOG-5: lines of all of one's executions are found, the newest first, by the list's own filters.
test('lines are found in the logs of all executions', async ({ page }) => {
  await house.cli(['run', 'bench/pumps', '--as', 'otto', '--wait', 'end']);
  await house.cli(['run', 'bench/valves', '--as', 'otto', '--wait', 'end']);
  await enter(page, house, 'otto', 'executions');
  const field = page.getByRole('searchbox', { name: t('ui.logsearch.label') });
  const results = page.getByRole('list', { name: t('ui.logsearch.results') });

  await field.fill('valve');
  await expect(page.getByText(t('ui.logsearch.found', { count: 2 }))).toBeVisible();
  await expect(results.locator('mark')).toHaveText(['valve', 'valve']);
  await expect(results.locator('.line .text')).toHaveText(['valve open', '<b>valve</b> closed']);
  await accessible(page, 'lines found in logs');
  await fits(page, 'lines found in logs');

  await page.getByLabel(t('ui.execution.script'), { exact: true }).selectOption('bench/valves');
  await expect(page.getByText(t('ui.logsearch.found', { count: 1 }))).toBeVisible();
  await page.getByLabel(t('ui.execution.script'), { exact: true }).selectOption('');
  await page.getByRole('button', { name: t('ui.list.more_filters') }).click();
  await page.getByLabel(t('ui.list.kind')).selectOption('environment');
  await expect(page.getByText(t('ui.logsearch.none'), { exact: true })).toBeVisible();
  await page.getByLabel(t('ui.list.kind')).selectOption('script');
  await expect(page.getByText(t('ui.logsearch.found', { count: 2 }))).toBeVisible();
  await page.getByLabel(t('ui.list.only')).selectOption('bookmarked');
  await expect(page.getByText(t('ui.logsearch.none'), { exact: true })).toBeVisible();
  await page.getByLabel(t('ui.list.only')).selectOption('');
  await page.getByLabel(t('ui.list.kind')).selectOption('');

  // More than a page: the rest is there when it is wanted.
  await field.fill('pump runs');
  await expect(page.getByText(t('ui.logsearch.found_more', { count: 100 }))).toBeVisible();
  await expect(results.locator('.line .text').first()).toHaveText('pump 149 runs');
  await page.getByRole('button', { name: t('ui.action.more') }).click();
  await expect(page.getByText(t('ui.logsearch.found', { count: 150 }))).toBeVisible();

  // A line leads to its place in the execution's log.
  await field.fill('"pump 3 runs"');
  await expect(results.locator('.line .text')).toHaveText(['pump 3 runs']);
  await results.locator('.line').click();
  await expect(page.getByRole('heading', { level: 1, name: 'Pumps' })).toBeVisible();
  await expect(page.locator('[data-row]').filter({ hasText: 'pump 3 runs' })).toBeInViewport();
  await page.goBack();

  await field.fill('-pump');
  await expect(page.getByRole('alert')).toContainText(t('error.query_negative'));
  await field.fill('nothing of this');
  await expect(page.getByText(t('ui.logsearch.none'), { exact: true })).toBeVisible();
  await field.fill('');
  await expect(page.getByRole('table')).toBeVisible();
});

test('another person’s lines are found by administrators alone', async ({ page }) => {
  await house.cli(['run', 'bench/valves', '--as', 'otto', '--wait', 'end']);
  await enter(page, house, admin, 'executions');
  await page.getByRole('searchbox', { name: t('ui.logsearch.label') }).fill('valve open');
  await expect(page.getByText(t('ui.logsearch.none'), { exact: true })).toBeVisible();
  await page.getByLabel(t('ui.execution.user'), { exact: true }).selectOption('*');
  const results = page.getByRole('list', { name: t('ui.logsearch.results') });
  await expect(results.getByText('otto').first()).toBeVisible();
  await results.locator('.line').first().click();
  await expect(page.getByRole('heading', { level: 1, name: 'Valves' })).toBeVisible();
});
