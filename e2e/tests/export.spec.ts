import { readFileSync } from 'node:fs';
import { expect, test, type Page } from '@playwright/test';
import { accessible, fits } from '../support/access.ts';
import { installation } from '../support/installation.ts';
import { enter } from '../support/people.ts';
import { task } from '../support/scripts.ts';
import { t } from '../support/texts.ts';

const house = installation({
  users: { otto: 'operator' },
  scripts: {
    'bench/alpha.py': task({ display_name: 'Alpha' }, 'print("alpha runs")'),
    'bench/beta.py': task({ display_name: 'Beta' }, 'print("beta runs")'),
  },
});

test.use({ viewport: { width: 1024, height: 640 }, reducedMotion: 'reduce' });

/** Chooses a format in the menu, and gives the file that is saved. */
async function exported(page: Page, format: string): Promise<{ name: string; content: Buffer }> {
  await page.getByRole('button', { name: t('ui.export.title'), exact: true }).click();
  const entry = page.getByRole('group', { name: t('ui.export.title') }).getByRole('button', { name: format });
  await expect(entry).toBeVisible();
  const saving = page.waitForEvent('download', { timeout: 60_000 });
  await entry.click();
  const file = await saving;
  return { name: file.suggestedFilename(), content: readFileSync(await file.path()) };
}

// LOG-7: one or many, as a file of the browser's.
test('chosen executions and a single one are exported into a file', async ({ page }) => {
  await house.cli(['run', 'bench/alpha', '--as', 'otto', '--wait', 'end']);
  await house.cli(['run', 'bench/beta', '--as', 'otto', '--wait', 'end']);
  await enter(page, house, 'otto', 'executions');
  const rows = page.getByRole('table').locator('tbody tr');
  await expect(rows).toHaveCount(2);
  for (const row of await rows.all()) await row.getByRole('checkbox').check();
  await accessible(page, 'chosen executions with export');
  const many = await exported(page, 'JSON');
  expect(many.name).toMatch(/^logs_\d{8}_\d{6}\.json$/);
  const records = JSON.parse(many.content.toString()) as { script_id: string; output: { stdout: string } }[];
  expect(records.map((one) => [one.script_id, one.output.stdout]).sort()).toEqual([
    ['bench/alpha', 'alpha runs'],
    ['bench/beta', 'beta runs'],
  ]);

  await rows
    .filter({ hasText: 'Alpha' })
    .getByRole('link', { name: t('state.completed') })
    .click();
  await expect(page.getByRole('heading', { name: 'Alpha' })).toBeVisible();
  const one = await exported(page, 'PDF');
  expect(one.name).toMatch(/^Alpha_\d{8}_\d{6}\.pdf$/);
  expect(one.content.subarray(0, 5).toString()).toBe('%PDF-');

  const raw = await exported(page, t('ui.export.raw'));
  expect(raw.name).toMatch(/^Alpha_\d{8}_\d{6}\.log$/);
  expect(raw.content.toString()).toBe('alpha runs\n');

  // The job is in the list like any other, and gives its file again.
  await page.goto(`${house.url}#/executions`);
  await page
    .getByRole('table')
    .getByRole('link', { name: t('job.logs.export') })
    .first()
    .click();
  await expect(page.getByText(t('state.completed')).first()).toBeVisible();
  const again = page.waitForEvent('download');
  await page.getByRole('button', { name: t('ui.export.save') }).click();
  expect((await again).suggestedFilename()).toBe(raw.name);
  await accessible(page, 'an export');
  await fits(page, 'an export');
});

// LOG-8: what one's logs take, and how long they are kept.
test('a person sees what logs take, and keeps them for a shorter time', async ({ page }) => {
  await house.cli(['run', 'bench/alpha', '--as', 'otto', '--wait', 'end']);
  await enter(page, house, 'otto', 'account');
  await expect(page.getByRole('meter')).toBeVisible();
  const days = page.getByLabel(t('ui.logs.keep'));
  await days.fill('31');
  await page.getByRole('button', { name: t('ui.logs.save'), exact: true }).click();
  await expect(days).toHaveAttribute('aria-invalid', 'true');
  await days.fill('5');
  await page.getByRole('button', { name: t('ui.logs.save'), exact: true }).click();
  await expect(page.getByText(t('ui.logs.saved'))).toBeVisible();
  await accessible(page, 'own logs');
  await fits(page, 'own logs');
  await page.reload();
  await expect(days).toHaveValue('5');
});

// What was begun comes, whatever is shown by then.
test('an export is saved also where the choice is cleared meanwhile', async ({ page }) => {
  await house.cli(['run', 'bench/alpha', '--as', 'otto', '--wait', 'end']);
  await enter(page, house, 'otto', 'executions?script=bench%2Falpha');
  await page
    .getByRole('checkbox', { name: t('ui.list.choose', { script: 'Alpha' }) })
    .first()
    .check();
  let go: () => void = () => undefined;
  const cleared = new Promise<void>((done) => (go = done));
  await page.route('**/api/call/Logs.Export', async (route) => {
    await cleared;
    await route.continue();
  });
  await page.getByRole('button', { name: t('ui.export.title'), exact: true }).click();
  const saving = page.waitForEvent('download', { timeout: 60_000 });
  await page
    .getByRole('group', { name: t('ui.export.title') })
    .getByRole('button', { name: 'TXT' })
    .click();
  await page.getByRole('button', { name: t('ui.list.clear') }).click();
  await expect(page.getByText(t('ui.export.goes_on'))).toBeVisible();
  go();
  expect(readFileSync(await (await saving).path()).toString()).toContain('alpha runs');
});
