import { expect, test } from '@playwright/test';
import { accessible, fits } from '../support/access.ts';
import { admin, installation } from '../support/installation.ts';
import { enter } from '../support/people.ts';
import { openScript, runScript } from '../support/script.ts';
import { pageScript } from '../support/scripts.ts';
import { t } from '../support/texts.ts';

const house = installation({
  users: { otto: 'operator', paul: 'operator' },
  scripts: {
    'bench/page.py': pageScript({ display_name: 'Plain page' }),
    'bench/examples/default/given.txt': 'what a project begins with',
  },
});

test.use({ viewport: { width: 1024, height: 640 }, reducedMotion: 'reduce' });

// USR-6: what an account has is shown; what runs is stopped; its data become another's, and it is gone.
test('an administrator deletes an account and hands its data over', async ({ page, browser }) => {
  const elsewhere = await (await browser.newContext()).newPage();
  await enter(elsewhere, house, 'otto');
  await openScript(elsewhere, house, 'bench/page', 'Plain page');
  await runScript(elsewhere);
  await expect.poll(async () => (await house.executions())[0]?.phase).toBe('ready');

  await enter(page, house, admin, 'users');
  await page.getByRole('button', { name: t('ui.users.edit_named', { name: 'otto' }) }).click();
  const panel = page.getByRole('region', { name: t('ui.users.data'), exact: true });
  await expect(panel.getByRole('row', { name: 'project_default' })).toBeVisible();
  await expect(panel).toContainText(t('ui.users.data_running', { count: '1' }));

  // While something runs the data are not taken from under it.
  await panel.getByRole('button', { name: t('ui.users.reset') }).click();
  const reset = page.getByRole('region', { name: t('ui.users.reset_title', { name: 'otto' }) });
  await reset.getByLabel(t('ui.users.type_name', { name: 'otto' })).fill('otto');
  await reset.getByRole('button', { name: t('ui.users.reset_now') }).click();
  await expect(reset.getByText(t('error.user_runs', { name: 'otto', count: 1 }))).toBeVisible();

  await panel.getByRole('button', { name: t('ui.users.delete') }).click();
  const form = page.getByRole('region', { name: t('ui.users.delete_title', { name: 'otto' }) });
  const now = form.getByRole('button', { name: t('ui.users.delete_now') });
  await expect(now).toBeDisabled();
  await form.getByRole('combobox').first().selectOption('hand_over');
  await form.getByLabel(t('ui.users.heir')).selectOption({ label: 'paul' });
  await form.getByLabel(t('ui.users.type_name', { name: 'otto' })).fill('otto');
  await accessible(page, 'the deletion of an account');
  await fits(page, 'the deletion of an account');
  await now.click();
  await expect(form).toBeHidden();
  await expect(page.getByRole('button', { name: t('ui.users.edit_named', { name: 'otto' }) })).toHaveCount(0);
  const deleted = page.getByRole('region', { name: t('ui.users.deleted') });
  await expect(deleted.getByRole('row', { name: 'otto' })).toContainText(
    t('ui.users.deleted_data.hand_over', { name: 'paul' }),
  );
  await fits(page, 'the users with deleted ones');
  await expect(elsewhere.getByLabel(t('ui.sign_in.password'))).toBeVisible();
  const [execution] = await house.executions();
  expect(execution?.state).toBe('terminated');
  expect(execution?.user).toBe('otto');

  // The heir has them, and what was there is removed on his side only by typing the name.
  await page.getByRole('button', { name: t('ui.users.edit_named', { name: 'paul' }) }).click();
  const handed = panel.getByRole('row', { name: 'project_default (otto)' });
  await expect(handed).toContainText('1');
  await panel.getByRole('button', { name: t('ui.users.reset') }).click();
  const away = page.getByRole('region', { name: t('ui.users.reset_title', { name: 'paul' }) });
  await away.getByLabel(t('ui.users.type_name', { name: 'paul' })).fill('paul');
  await accessible(page, 'the removal of data');
  await away.getByRole('button', { name: t('ui.users.reset_now') }).click();
  await expect(away).toBeHidden();
  await expect(handed).toContainText('0');
});

// USR-6: what was kept of a deleted account is given to another one later, and is told as its own until then.
test('kept data of a deleted account are handed over later', async ({ page }) => {
  await house.cli(['user', 'add', 'rita', '--level', 'operator'], {
    SCRIPTSMANAGER_USER_PASSWORD: 'correct horse',
  });
  await house.cli(['user', 'delete', 'rita', '--data', 'keep', '--confirm', 'rita']);
  await enter(page, house, admin, 'users');
  const row = page.getByRole('region', { name: t('ui.users.deleted') }).getByRole('row', { name: 'rita' });
  await row.getByRole('button', { name: t('ui.users.hand_over') }).click();
  const form = page.getByRole('region', { name: t('ui.users.hand_over_title', { name: 'rita' }) });
  const now = form.getByRole('button', { name: t('ui.users.hand_over') });
  await expect(now).toBeDisabled();
  await form.getByLabel(t('ui.users.heir')).selectOption({ label: 'paul' });
  await form.getByLabel(t('ui.users.type_name', { name: 'rita' })).fill('rita');
  await accessible(page, 'handing kept data over');
  await fits(page, 'handing kept data over');
  await now.click();
  await expect(row).toContainText(t('ui.users.deleted_data.hand_over', { name: 'paul' }));
});
