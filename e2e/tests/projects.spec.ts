import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { installation } from '../support/installation.ts';
import { enter } from '../support/people.ts';
import { pageScript } from '../support/scripts.ts';
import { t } from '../support/texts.ts';

/** The beginning of a text, up to what is put in. */
const start = (key: string) => new RegExp(`^${t(key, { project: '', at: '' }).replace(/[ ,]+$/, '')}`);

const house = installation({
  users: { otto: 'operator' },
  scripts: { 'bench/page.py': pageScript({ display_name: 'Page' }) },
});

test('a project is made, renamed, archived and deleted', async ({ page, browser }) => {
  await enter(page, house, 'otto', 'projects');
  const table = page.getByRole('region', { name: t('ui.project.title'), exact: true });
  await expect(table.getByRole('row').filter({ hasText: 'project_default' })).toContainText(
    t('ui.project.here'),
  );

  await page.getByRole('button', { name: t('ui.project.new'), exact: true }).click();
  const form = page.getByRole('region', { name: t('ui.project.new'), exact: true });
  await form.getByLabel(t('ui.project.name')).fill('project_default');
  await form.getByRole('button', { name: t('ui.project.create') }).click();
  await expect(form.getByText(t('error.name_taken', { name: 'project_default' }))).toBeVisible();
  await form.getByLabel(t('ui.project.name')).fill('Oven 3');
  await form.getByLabel(t('ui.project.description')).fill('Walls of the third oven');
  await form.getByRole('button', { name: t('ui.project.create') }).click();
  const row = table.getByRole('row').filter({ hasText: 'Oven 3' });
  await expect(row).toContainText('Walls of the third oven');

  // It is chosen here, and the switch in the header shows it.
  await row.getByRole('button', { name: t('ui.project.use_named', { project: 'Oven 3' }) }).click();
  await expect(
    page.getByRole('button', { name: t('ui.project.current', { project: 'Oven 3' }) }),
  ).toBeVisible();

  // A second window that has it open is told that it was changed.
  const second = await browser.newContext();
  const other = await second.newPage();
  await enter(other, house, 'otto', 'projects');
  await other.getByRole('button', { name: t('ui.project.edit_named', { project: 'Oven 3' }) }).click();
  const hers = other.getByRole('region', { name: t('ui.project.edit_named', { project: 'Oven 3' }) });
  await hers.getByLabel(t('ui.project.name')).fill('Furnace');

  await row.getByRole('button', { name: t('ui.project.edit_named', { project: 'Oven 3' }) }).click();
  const edit = page.getByRole('region', { name: t('ui.project.edit_named', { project: 'Oven 3' }) });
  await edit.getByLabel(t('ui.project.name')).fill('Kiln');
  await edit.getByRole('button', { name: t('ui.project.save') }).click();
  await expect(table.getByRole('row').filter({ hasText: 'Kiln' })).toBeVisible();
  await expect(
    page.getByRole('button', { name: t('ui.project.current', { project: 'Kiln' }) }),
  ).toBeVisible();

  await hers.getByRole('button', { name: t('ui.project.save'), exact: true }).click();
  await expect(hers.getByRole('alert')).toContainText('Kiln');
  await expect(hers.getByLabel(t('ui.project.name'))).toHaveValue('Furnace');
  await hers.getByRole('button', { name: t('ui.project.take_theirs') }).click();
  await expect(hers.getByLabel(t('ui.project.name'))).toHaveValue('Kiln');
  await second.close();

  // In the archive nobody works in it.
  const kiln = table.getByRole('row').filter({ hasText: 'Kiln' });
  await kiln.getByRole('button', { name: t('ui.project.archive_named', { project: 'Kiln' }) }).click();
  const archive = page.getByRole('region', { name: t('ui.project.archived_title', { count: 1 }) });
  await expect(archive.getByRole('row').filter({ hasText: 'Kiln' })).toBeVisible();
  await expect(
    page.getByRole('button', { name: t('ui.project.current', { project: 'project_default' }) }),
  ).toBeVisible();

  // Deleting wants the name.
  await archive.getByRole('button', { name: t('ui.project.delete_named', { project: 'Kiln' }) }).click();
  const ask = page.getByRole('region', { name: t('ui.project.delete_named', { project: 'Kiln' }) });
  const now = ask.getByRole('button', { name: t('ui.project.delete_now') });
  await expect(now).toBeDisabled();
  await ask.getByLabel(t('ui.project.delete_type', { project: 'Kiln' })).fill('kiln');
  await expect(now).toBeDisabled();
  await ask.getByLabel(t('ui.project.delete_type', { project: 'Kiln' })).fill('Kiln');
  await now.click();
  await expect(archive).toBeHidden();
  await expect(table.getByRole('row')).toHaveCount(2);
});

test('a project is backed up, and put back after a look at what would change', async ({ page }) => {
  await enter(page, house, 'otto', 'projects');
  const folder = join(house.root, 'data/script_groups/group_bench/user_otto/project_default');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'walls.json'), '{"layers": 3}');
  const table = page.getByRole('region', { name: t('ui.project.title'), exact: true });
  await table.getByRole('button', { name: t('ui.backup.now_named', { project: 'project_default' }) }).click();
  const backups = page.getByRole('region', { name: t('ui.backup.title') });
  await expect(backups.getByText(t('ui.backup.verified'), { exact: true })).toHaveCount(1);

  const [saved] = await Promise.all([
    page.waitForEvent('download'),
    backups.getByRole('button', { name: start('ui.backup.download_named') }).click(),
  ]);
  expect(saved.suggestedFilename()).toMatch(/^user_otto_project_default_\d{8}_\d{6}\.zip$/);
  const file = await saved.path();

  writeFileSync(join(folder, 'walls.json'), '{"layers": 4}');
  writeFileSync(join(folder, 'own.txt'), 'mine');
  await backups.getByRole('button', { name: start('ui.backup.restore_named') }).click();
  const form = page.getByRole('region', { name: start('ui.backup.restore_named') });
  const rows = form.getByRole('row');
  await expect(rows.filter({ hasText: 'walls.json' })).toContainText(t('ui.restore.state_changed'));
  await expect(rows.filter({ hasText: 'own.txt' })).toContainText(t('ui.restore.state_here'));
  await form.getByRole('button', { name: t('ui.restore.all') }).click();
  await expect(backups.getByText(t('ui.backup.reason_before_restore'))).toBeVisible();
  expect(readFileSync(join(folder, 'walls.json'), 'utf8')).toBe('{"layers": 3}');
  expect(readFileSync(join(folder, 'own.txt'), 'utf8')).toBe('mine');

  // A zip that is brought comes back as a new project.
  await backups.getByLabel(t('ui.backup.upload'), { exact: true }).first().setInputFiles(file);
  await expect(backups.getByText(t('ui.backup.reason_uploaded'))).toBeVisible();
  await backups
    .getByRole('row')
    .filter({ hasText: t('ui.backup.reason_uploaded') })
    .getByRole('button', { name: start('ui.backup.restore_named') })
    .click();
  await form.getByLabel(t('ui.restore.where')).selectOption({ label: t('ui.restore.as_new') });
  await form.getByLabel(t('ui.restore.new_name')).fill('Again');
  await form.getByRole('button', { name: t('ui.restore.all') }).click();
  await expect(table.getByRole('row').filter({ hasText: 'Again' })).toContainText('13 B');

  // Deleting a backup takes two clicks.
  const last = backups.getByRole('row').filter({ hasText: t('ui.backup.reason_uploaded') });
  await last.getByRole('button', { name: start('ui.backup.delete_named') }).click();
  await last.getByRole('button', { name: t('ui.backup.delete_sure') }).click();
  await expect(last).toBeHidden();
});
