import { expect, test } from '@playwright/test';
import { admin, installation, password } from '../support/installation.ts';
import { accessible } from '../support/access.ts';
import { signIn } from '../support/people.ts';
import { t } from '../support/texts.ts';

const house = installation({ setup: false, samples: true });

test('the first start leads from language over what was found to the dashboard', async ({
  page,
  browser,
}) => {
  await page.goto(house.url);
  await expect(page.getByRole('heading', { name: t('ui.wizard.title') })).toBeVisible();

  // Language and theme take effect at once.
  await page.getByRole('radio', { name: 'Italiano' }).check();
  await expect(page.getByRole('heading', { name: t('ui.wizard.title', {}, 'it') })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', 'it');
  await page.getByRole('radio', { name: 'English' }).check();
  await page.getByRole('radio', { name: t('ui.theme.dark') }).check();
  await expect(page.locator('html')).toHaveAttribute('data-bs-theme', 'dark');
  await accessible(page, 'the language step');
  await page.getByRole('button', { name: t('ui.wizard.next') }).click();

  // What was found on this machine: Python with Flask, and the samples.
  await expect(page.getByRole('heading', { name: t('ui.wizard.environments') })).toBeVisible();
  await expect(page.getByText(t('ui.wizard.environments_text'))).toBeVisible();
  await expect(page.getByText('Thermal analysis')).toBeVisible();
  await expect(page.getByText(house.root, { exact: false })).toBeVisible();
  await accessible(page, 'the step of what was found');
  await page.getByRole('button', { name: t('ui.wizard.next') }).click();

  // It can be left, and is taken up again where it was, after a restart too.
  await expect(page.getByLabel(t('ui.wizard.password_again'))).toBeVisible();
  const port = Number(new URL(house.url).port);
  await house.end();
  await house.serve(port);
  await page.reload();
  await expect(page.getByLabel(t('ui.wizard.password_again'))).toBeVisible();
  await page.getByRole('button', { name: t('ui.wizard.back') }).click();
  await expect(page.getByRole('heading', { name: t('ui.wizard.environments') })).toBeVisible();
  await page.getByRole('button', { name: t('ui.wizard.next') }).click();

  // Mistakes are told at the field.
  await page.getByLabel(t('ui.sign_in.name')).fill(admin);
  const secret = page.getByLabel(t('ui.sign_in.password'), { exact: true });
  const again = page.getByLabel(t('ui.wizard.password_again'));
  const finish = page.getByRole('button', { name: t('ui.wizard.finish') });
  await secret.fill('short');
  await again.fill('short');
  await finish.click();
  await expect(secret).toHaveAttribute('aria-invalid', 'true');
  await expect(page.getByText(t('error.password_short', { minimum: 8 }))).toBeVisible();
  await secret.fill(password);
  await finish.click();
  await expect(page.getByText(t('ui.wizard.password_differs'))).toBeVisible();
  await accessible(page, 'the administrator step');
  await again.fill(password);
  await finish.click();

  await expect(page.getByRole('heading', { level: 1, name: t('ui.nav.dashboard') })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('data-bs-theme', 'dark');

  // It is over for everyone: another browser gets the sign-in page and the new account works.
  const other = await browser.newPage();
  await other.goto(house.url);
  await expect(other.getByRole('heading', { name: t('ui.sign_in.title') })).toBeVisible();
  await signIn(other, admin, 'not this one');
  await expect(other.getByRole('alert')).toContainText(t('error.sign_in_failed'));
  await signIn(other, admin, password);
  await expect(other.getByRole('heading', { level: 1, name: t('ui.nav.dashboard') })).toBeVisible();
  await other.close();
});
