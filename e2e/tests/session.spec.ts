import { expect, test } from '@playwright/test';
import { accessible, fits } from '../support/access.ts';
import { admin, installation, password } from '../support/installation.ts';
import { enter, signIn } from '../support/people.ts';
import { t } from '../support/texts.ts';

const house = installation({ config: { sign_in: { idle_minutes: 1 } } });

test.use({ viewport: { width: 1024, height: 640 }, reducedMotion: 'reduce' });

// USR-4: an open page by itself is no use; the end is told, and what was typed is there after signing in again.
test('a session of no use ends, and goes on where it was', async ({ page }) => {
  test.setTimeout(400_000); // a minute is the shortest time of no use
  await enter(page, house, admin, 'projects');
  await page.getByRole('button', { name: t('ui.project.new') }).click();
  const name = page.getByLabel(t('ui.project.name'), { exact: true });
  await name.fill('half typed');

  const gate = page.getByRole('dialog', { name: t('ui.sign_in.title') });
  await expect(gate).toBeVisible({ timeout: 100_000 });
  await expect(gate.getByRole('status')).toHaveText(t('ui.sign_in.idle'));
  await expect(gate.getByLabel(t('ui.sign_in.name'))).toBeFocused();
  await accessible(page, 'signing in again');
  await fits(page, 'signing in again');
  // Nothing behind it is reached: keys do nothing there, and Escape does not close it.
  for (const key of ['Escape', 'Escape', 'Control+k']) await page.keyboard.press(key);
  await expect(gate).toBeVisible();
  await expect(page.getByRole('dialog')).toHaveCount(1);

  await signIn(page, admin, 'wrong');
  await expect(gate.getByRole('alert')).toContainText(t('error.sign_in_failed'));
  await signIn(page, admin, password);
  await expect(gate).toBeHidden();
  await expect(name).toHaveValue('half typed');
  await expect(page).toHaveURL(/#\/projects$/);
  await page.getByRole('button', { name: t('ui.project.create') }).click();
  await expect(page.getByRole('row').filter({ hasText: 'half typed' })).toBeVisible();

  // A page that is loaded anew after the end says why, too.
  await expect(gate).toBeVisible({ timeout: 100_000 });
  await page.reload();
  await expect(page.getByRole('status')).toHaveText(t('ui.sign_in.idle'));
});
