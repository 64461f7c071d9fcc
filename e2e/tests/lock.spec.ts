import { expect, type Page, test } from '@playwright/test';
import { accessible, fits } from '../support/access.ts';
import { admin, installation, password } from '../support/installation.ts';
import { ask, enter, session, signIn } from '../support/people.ts';
import { t } from '../support/texts.ts';

const house = installation({
  users: { olga: 'operator', paul: 'operator', boss: 'admin' },
  config: { sign_in: { lock_after: 2, free_attempts: 20 } },
});

test.use({ viewport: { width: 1024, height: 640 }, reducedMotion: 'reduce' });

async function form(page: Page, name: string) {
  const title = t('ui.users.edit_named', { name });
  await page.getByRole('button', { name: title }).click();
  return page.getByRole('region', { name: title });
}

// USR-4: wrong passwords lock; the answer tells nothing of it, an administrator sees it and releases.
test('an account is locked by wrong passwords, and released', async ({ page, browser }) => {
  await enter(page, house, admin, 'users');
  const row = page.getByRole('row').filter({ hasText: 'olga' });
  await expect(row).toContainText(t('ui.users.active'));
  const other = await (await browser.newContext()).newPage();
  await other.goto(house.url);
  for (const [name, secret] of [
    ['nobody', 'wrong'],
    ['olga', 'wrong'],
    ['olga', 'wrong too'],
    ['olga', password],
  ] as const) {
    await signIn(other, name, secret);
    await expect(other.getByRole('alert')).toContainText(t('error.sign_in_failed'));
  }
  await expect(row).toContainText(t('ui.users.locked'));
  await accessible(page, 'the users, one of them locked');
  await fits(page, 'the users, one of them locked');
  await row.getByRole('button', { name: t('ui.users.unlock_named', { name: 'olga' }) }).click();
  await expect(row.getByText(t('ui.users.locked'), { exact: true })).toBeHidden();
  await signIn(other, 'olga', password);
  await expect(other.getByRole('navigation', { name: t('ui.nav.main') })).toBeVisible();
});

// USR-4: the last administrator who can sign in is slowed down only; a locked one is released at the command line.
test('the last administrator is not locked', async ({ request }) => {
  const wrong = async (name: string, secret: string) => {
    const token = await session(request, house);
    return ask(request, house, token, 'Session.SignIn', { name, password: secret });
  };
  for (const name of ['boss', 'boss', admin, admin, admin]) await wrong(name, 'not this one');
  expect((await wrong('boss', password)).status()).not.toBe(200);
  expect((await wrong(admin, password)).status()).toBe(200);
  const states = await house.cli<{ name: string; locked_at: string | null }[]>(['user', 'list']);
  expect(states.filter((user) => user.locked_at).map((user) => user.name)).toEqual(['boss']);
  await house.cli(['user', 'unlock', 'boss']);
  expect((await wrong('boss', password)).status()).toBe(200);
});

// USR-6: the second of two administrators is told, and sees both versions; nothing typed is lost.
test('two administrators change one account', async ({ page }) => {
  await enter(page, house, admin, 'users');
  let paul = await form(page, 'paul');
  await paul.getByLabel(t('ui.users.display_name')).fill('Paul of mine');
  await paul.getByLabel(t('ui.users.level')).selectOption('developer');
  await house.cli(['user', 'edit', 'paul', '--display-name', 'Paul of theirs', '--email', 'p@example.com']);
  await paul.getByRole('button', { name: t('ui.users.save') }).click();
  const told = paul.getByRole('alert').filter({ hasText: t('ui.users.conflict') });
  await expect(told.getByRole('row', { name: t('ui.users.display_name') })).toContainText('Paul of theirs');
  await expect(told.getByRole('row', { name: t('ui.users.display_name') })).toContainText('Paul of mine');
  await expect(told.getByRole('row', { name: t('ui.users.email') })).toContainText('p@example.com');
  await expect(paul.getByLabel(t('ui.users.display_name'))).toHaveValue('Paul of mine');
  await accessible(page, 'a change that was overtaken');
  await fits(page, 'a change that was overtaken');
  const row = page.getByRole('row').filter({ hasText: 'Paul of' });
  await told.getByRole('button', { name: t('ui.users.conflict_over') }).click();
  await expect(paul).toBeHidden();
  await expect(row).toContainText('Paul of mine');
  await expect(row).toContainText('p@example.com'); // what only the other one changed stays

  paul = await form(page, 'paul');
  await paul.getByLabel(t('ui.users.display_name')).fill('Paul again');
  await house.cli(['user', 'edit', 'paul', '--display-name', 'Paul of theirs']);
  await paul.getByRole('button', { name: t('ui.users.save') }).click();
  await told.getByRole('button', { name: t('ui.users.conflict_theirs') }).click();
  await expect(told).toBeHidden();
  await expect(paul.getByLabel(t('ui.users.display_name'))).toHaveValue('Paul of theirs');
});
