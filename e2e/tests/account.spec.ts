import { expect, test } from '@playwright/test';
import { accessible, fits } from '../support/access.ts';
import { installation, password } from '../support/installation.ts';
import { ask, enter, signedIn, signIn } from '../support/people.ts';
import { openScript, runScript } from '../support/script.ts';
import { pageScript } from '../support/scripts.ts';
import { t } from '../support/texts.ts';

const house = installation({
  users: { vera: 'viewer', otto: 'operator', olga: 'operator' },
  scripts: { 'bench/page.py': pageScript({ display_name: 'Plain page' }) },
});

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
  const row = page.getByRole('row').filter({ hasText: 'otto' });
  await page.reload();
  await expect(row).toContainText(t('level.operator')); // nothing was changed
  form = await open('otto');
  await form.getByLabel(t('ui.users.level')).selectOption('developer');
  await accessible(page, 'the change of an account');
  await fits(page, 'the change of an account');
  await form.getByLabel(t('ui.users.state')).selectOption('inactive');
  await form.getByRole('button', { name: t('ui.users.save') }).click();
  await expect(form).toBeHidden();
  await expect(row).toContainText(t('ui.users.inactive'));
  await expect(row).toContainText(t('level.developer'));
  await expect(elsewhere.getByLabel(t('ui.sign_in.password'))).toBeVisible();

  form = await open('anna');
  await form.getByLabel(t('ui.users.level')).selectOption('viewer');
  await form.getByRole('button', { name: t('ui.users.save') }).click();
  await expect(form.getByText(t('error.last_admin'))).toBeVisible();
});

// USR-4, ADM-1: where somebody is signed in is seen and ended by an administrator.
test('an administrator sees and ends the sessions of a person', async ({ page, browser }) => {
  const elsewhere = await (await browser.newContext()).newPage();
  await enter(elsewhere, house, 'olga');
  await enter(page, house, 'anna', 'users');
  const title = t('ui.users.edit_named', { name: 'olga' });
  await page.getByRole('button', { name: title }).click();
  const form = page.getByRole('region', { name: title });
  const sessions = form.getByRole('group', { name: t('ui.users.sessions', { count: 1 }) });
  await expect(sessions.getByRole('listitem')).toContainText(t('ui.account.client.browser'));
  await sessions.getByRole('button', { name: t('ui.users.sessions_end') }).press('Enter');
  await expect(form.getByText(t('ui.users.sessions_none'))).toBeVisible();
  await expect(form.getByRole('button', { name: t('ui.users.sessions_end') })).toHaveCount(0);
  await expect(elsewhere.getByLabel(t('ui.sign_in.password'))).toBeVisible();
});

// USR-6: whoever is kept out leaves no page behind, also where a window of it stays open.
test('pages of an account that is deactivated are stopped', async ({ page, request }) => {
  await enter(page, house, 'olga');
  await openScript(page, house, 'bench/page', 'Plain page');
  const tab = await runScript(page);
  await expect(tab.frame.getByRole('heading')).toBeVisible();
  const token = await signedIn(request, house);
  const users = (await (await ask(request, house, token, 'Users.List')).json()) as {
    id: number;
    name: string;
  }[];
  const olga = users.find((each) => each.name === 'olga');
  const change = { user_id: olga?.id, active: false };
  expect((await ask(request, house, token, 'Users.Edit', change)).status()).toBe(200);
  await expect.poll(async () => (await house.execution(tab.id)).reason).toBe('signed_out');
});
