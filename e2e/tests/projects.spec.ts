import { expect, test } from '@playwright/test';
import { installation } from '../support/installation.ts';
import { enter } from '../support/people.ts';
import { t } from '../support/texts.ts';

const house = installation({ users: { otto: 'operator' } });

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
