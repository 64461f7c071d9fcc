import { expect, test } from '@playwright/test';
import { accessible, fits } from '../support/access.ts';
import { installation, password } from '../support/installation.ts';
import { enter, signIn } from '../support/people.ts';
import { t } from '../support/texts.ts';

const house = installation({ users: { vera: 'viewer', otto: 'operator' }, scripts: {} });

test.use({ viewport: { width: 1024, height: 640 }, reducedMotion: 'reduce' });

// USR-4: what is wrong is said at the field; another password ends the other sessions, at once.
test('a person changes the own password, which ends the other sessions', async ({ page, browser }) => {
  const elsewhere = await (await browser.newContext()).newPage();
  await enter(elsewhere, house, 'vera');
  await enter(page, house, 'vera', 'account');
  const sessions = page.getByRole('region', { name: t('ui.account.sessions') });
  await expect(sessions.getByRole('listitem')).toHaveCount(2);
  const panel = page.getByRole('region', { name: t('ui.account.password'), exact: true });
  const before = panel.getByLabel(t('ui.account.password_old'));
  const after = panel.getByLabel(t('ui.account.password_new'));
  const again = panel.getByLabel(t('ui.wizard.password_again'));
  const send = () => panel.getByRole('button').click();
  await before.fill('not the right one');
  await after.fill('8 plates');
  await again.fill('8 cups');
  await send();
  await expect(panel.getByText(t('ui.wizard.password_differs'))).toBeVisible();
  await again.fill('8 plates');
  await send();
  await expect(before).toHaveAttribute('aria-invalid', 'true');
  await expect(panel.getByText(t('ui.account.password_wrong'))).toBeVisible();
  await before.fill(password);
  for (const [bad, code] of [
    ['short', 'password_short'],
    ['P@ssw0rd2026', 'password_common'],
    [password, 'password_same'],
  ] as const) {
    await after.fill(bad);
    await again.fill(bad);
    await send();
    await expect(after).toHaveAttribute('aria-invalid', 'true');
    await expect(panel.getByText(t(`error.${code}`, { minimum: 8 }))).toBeVisible();
  }
  await accessible(page, 'the own account');
  await fits(page, 'the own account');
  await after.fill('8 plates');
  await again.fill('8 plates');
  await send();
  await expect(panel.getByText(t('ui.account.password_changed'))).toBeVisible();
  await expect(sessions.getByRole('listitem')).toHaveCount(1);
  await expect(elsewhere.getByLabel(t('ui.sign_in.password'))).toBeVisible();
  await signIn(elsewhere, 'vera', '8 plates');
  await expect(elsewhere.getByLabel(t('ui.sign_in.password'))).toBeHidden();

  await page.reload();
  await expect(sessions.getByRole('listitem')).toHaveCount(2);
  await sessions.getByRole('button', { name: t('ui.account.sessions_end') }).click();
  await expect(sessions.getByRole('listitem')).toHaveCount(1);
  await expect(elsewhere.getByLabel(t('ui.sign_in.password'))).toBeVisible();
});

// USR-6: an administrator changes an account; whoever is kept out is signed out at once. The last one stays.
test('an administrator changes accounts', async ({ page, browser }) => {
  const elsewhere = await (await browser.newContext()).newPage();
  await enter(elsewhere, house, 'otto');
  await enter(page, house, 'anna', 'users');
  const open = async (name: string) => {
    const title = t('ui.users.edit_named', { name });
    await page.getByRole('button', { name: title }).click();
    return page.getByRole('region', { name: title });
  };
  let form = await open('otto');
  await form.getByLabel(t('ui.users.level')).selectOption('developer');
  await form.getByLabel(t('ui.users.new_password')).fill('password1');
  await form.getByRole('button', { name: t('ui.users.save') }).click();
  await expect(form.getByText(t('error.password_common'))).toBeVisible();
  await accessible(page, 'the change of an account');
  await fits(page, 'the change of an account');
  await form.getByLabel(t('ui.users.new_password')).fill('');
  await form.getByLabel(t('ui.users.state')).selectOption('inactive');
  await form.getByRole('button', { name: t('ui.users.save') }).click();
  await expect(form).toBeHidden();
  const row = page.getByRole('row').filter({ hasText: 'otto' });
  await expect(row).toContainText(t('ui.users.inactive'));
  await expect(row).toContainText(t('level.developer'));
  await expect(elsewhere.getByLabel(t('ui.sign_in.password'))).toBeVisible();

  form = await open('anna');
  await form.getByLabel(t('ui.users.level')).selectOption('viewer');
  await form.getByRole('button', { name: t('ui.users.save') }).click();
  await expect(form.getByText(t('error.last_admin'))).toBeVisible();
});
