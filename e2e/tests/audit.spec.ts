import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { accessible, fits } from '../support/access.ts';
import { installation } from '../support/installation.ts';
import { enter } from '../support/people.ts';
import { task } from '../support/scripts.ts';
import { t } from '../support/texts.ts';

const house = installation({
  users: { otto: 'operator' },
  scripts: { 'bench/task.py': task({ display_name: 'Short task' }, 'print("done")') },
});

// ADM-4: who did what is seen, filtered, exported, and what was changed is found.
test('an administrator sees who did what, takes it with him and finds what was changed', async ({ page }) => {
  test.slow(); // several looks, and axe
  await house.cli(['run', 'bench/task', '--as', 'otto', '--wait', 'end']);
  await enter(page, house, 'anna', 'audit');
  const table = page.getByRole('group', { name: t('ui.nav.audit') });
  const run = table
    .getByRole('row')
    .filter({ hasText: t('audit.action.execution_run') })
    .filter({ hasText: 'otto' });
  await expect(run).toContainText(t('level.operator'));
  await run.getByRole('button').click();
  await expect(table.getByRole('row').filter({ hasText: 'bench/task' })).toBeVisible();
  await accessible(page, 'the audit');
  await fits(page, 'the audit');

  await page.getByLabel(t('ui.audit.action')).selectOption({ label: t('audit.action.user_create') });
  await expect(run).toHaveCount(0);
  await expect(table.getByRole('row').filter({ hasText: 'otto' })).toBeVisible();
  await expect(page).toHaveURL(/action=user\.create/);
  await page.getByLabel(t('ui.audit.search')).fill('nothing has this in it');
  await page.getByLabel(t('ui.audit.search')).press('Enter');
  await expect(page.getByText(t('ui.audit.none'))).toBeVisible();
  await page.goBack();
  await expect(table.getByRole('row').filter({ hasText: 'otto' })).toBeVisible();

  await page.getByRole('button', { name: t('ui.export.title') }).click();
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'CSV' }).click();
  const text = readFileSync(await (await saved).path(), 'utf8');
  expect(text).toContain('user.create');
  expect(text).not.toContain('execution:');

  await page.getByRole('button', { name: t('ui.audit.verify'), exact: true }).click();
  const head = page.getByLabel(t('ui.audit.noted'));
  await head.fill('rubbish');
  await page.getByRole('button', { name: t('ui.audit.verify_now') }).click();
  await expect(page.getByText(t('ui.audit.no_head'))).toBeVisible();
  await head.fill('');
  await page.getByRole('button', { name: t('ui.audit.verify_now') }).click();
  const panel = page.getByRole('region', { name: t('ui.audit.verify') });
  const noted = (await panel.locator('code').textContent()) ?? '';
  expect(noted).toMatch(/^\d+:[0-9a-f]{64}$/);
  await accessible(page, 'the audit, verified');

  // Somebody with the file in his hands.
  const edit = `import sqlite3, sys
db = sqlite3.connect(sys.argv[1], timeout=10)
db.execute("DROP TRIGGER audit_unchanged")
db.execute("UPDATE audit SET actor = 'eve' WHERE id = 2")
db.commit()`;
  execFileSync('/usr/bin/python3', ['-c', edit, join(house.root, 'data', 'scriptsmanager.db')]);
  await head.fill(noted);
  await page.getByRole('button', { name: t('ui.audit.verify_now') }).click();
  await expect(panel.getByText(t('ui.audit.broken'))).toBeVisible();
  await expect(panel.getByText(t('cli.audit.fault.changed', { range: '2' }))).toBeVisible();
  await fits(page, 'the audit, broken');
});
