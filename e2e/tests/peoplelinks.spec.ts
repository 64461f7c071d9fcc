import { expect, test } from '@playwright/test';
import { accessible } from '../support/access.ts';
import { admin, installation } from '../support/installation.ts';
import { enter } from '../support/people.ts';
import { t } from '../support/texts.ts';

const house = installation({ users: { otto: 'operator' } });

// USR-6: from what an account has to the projects and files themselves, which both have an address.
test('a person leads to projects and files', async ({ page }) => {
  await enter(page, house, admin, 'users');
  await page.getByRole('button', { name: t('ui.users.edit_named', { name: 'otto' }) }).click();
  const panel = page.getByRole('region', { name: t('ui.users.data'), exact: true });
  await expect(panel.getByRole('row', { name: 'project_default' })).toBeVisible();
  await accessible(page, 'the data of an account');
  const of = t('ui.data.of', { owner: 'otto', project: 'project_default' });
  await panel.getByRole('link', { name: 'project_default' }).click();
  await expect(page.getByText(of)).toBeVisible();
  await page.reload();
  await expect(page.getByText(of)).toBeVisible();

  await page.goto(`${house.url}#/projects?user=otto`);
  const person = page.getByRole('combobox', { name: t('ui.execution.user') });
  await expect(person).toHaveValue('otto');
  await expect(page.getByRole('button', { name: t('ui.project.new') })).toHaveCount(0);
  await person.selectOption(admin);
  await expect(page).toHaveURL(/#\/projects$/);
  await expect(page.getByRole('button', { name: t('ui.project.new') })).toBeVisible();
  await person.selectOption('otto');
  await expect(page).toHaveURL(/#\/projects\?user=otto$/);

  await page.goto(`${house.url}#/users`);
  await page.getByRole('button', { name: t('ui.users.edit_named', { name: 'otto' }) }).click();
  await panel.getByRole('link', { name: t('ui.project.title') }).click();
  await expect(page).toHaveURL(/#\/projects\?user=otto$/);
  await expect(person).toHaveValue('otto');
});
