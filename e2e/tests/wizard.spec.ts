import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { admin, installation, password } from '../support/installation.ts';
import { accessible, fits } from '../support/access.ts';
import { enter, signIn } from '../support/people.ts';
import { t } from '../support/texts.ts';

const house = installation({ setup: false, samples: true, scripts: { 'system/notes.txt': 'mine' } });

test.use({ viewport: { width: 1024, height: 640 }, reducedMotion: 'reduce' });

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

  // What was found on this machine: Python with Flask, and where all is kept.
  await expect(page.getByRole('heading', { name: t('ui.wizard.environments') })).toBeVisible();
  await expect(page.getByText(t('ui.wizard.environments_text'))).toBeVisible();
  await expect(page.getByText(house.root, { exact: false })).toBeVisible();
  await accessible(page, 'the step of what was found');
  await fits(page, 'the step of what was found');
  await page.getByRole('button', { name: t('ui.wizard.next') }).click();

  // Samples: what a person changed stays, whatever is ticked.
  const sample = (name: string) => page.getByRole('checkbox', { name, exact: true });
  await expect(sample('Thermal analysis')).toBeChecked();
  await expect(sample('System')).toBeDisabled();
  await expect(page.getByText(t('ui.wizard.sample_own'))).toHaveCount(1);
  await sample('Fluid systems').uncheck();
  await accessible(page, 'the samples step');
  await fits(page, 'the samples step');
  await page.getByRole('button', { name: t('ui.wizard.next') }).click();

  // Backups of projects: the engine says what is no time of day.
  const time = page.getByLabel(t('setting.name.data_management.backup_schedule_time'));
  await expect(page.getByText(join(house.root, 'data/backups'))).toBeVisible();
  expect(existsSync(join(house.groups, 'fluid_systems'))).toBe(false);
  expect(existsSync(join(house.groups, 'thermal_analysis'))).toBe(true);
  expect(readFileSync(join(house.groups, 'system/notes.txt'), 'utf8')).toBe('mine');
  await time.fill('25:00');
  await page.getByRole('button', { name: t('ui.wizard.next') }).click();
  await expect(time).toHaveAttribute('aria-invalid', 'true');
  await accessible(page, 'the backups step');
  await fits(page, 'the backups step');
  await time.fill('04:30');
  await page.getByLabel(t('setting.name.data_management.max_backup_versions')).fill('9');
  await page.getByRole('button', { name: t('ui.wizard.next') }).click();

  // It can be left, and is taken up again where it was, after a restart too. In a browser there is no
  // step of the system's user.
  await expect(page.getByLabel(t('ui.wizard.password_again'))).toBeVisible();
  const port = Number(new URL(house.url).port);
  await house.end();
  await house.serve(port);
  await page.reload();
  await expect(page.getByLabel(t('ui.wizard.password_again'))).toBeVisible();
  await page.getByRole('button', { name: t('ui.wizard.back') }).click();
  await expect(time).toHaveValue('04:30');
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
  await fits(page, 'the administrator step');
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

test('an administrator goes through it again, with the values that hold', async ({ page }) => {
  await enter(page, house, admin, 'administration');
  await page
    .getByRole('main')
    .getByRole('link', { name: t('ui.nav.setup') })
    .click();
  await expect(page.getByRole('heading', { level: 1, name: t('ui.nav.setup') })).toBeVisible();
  const next = page.getByRole('button', { name: t('ui.wizard.next') });
  await expect(page.getByText(t('ui.wizard.step_administrator'), { exact: true })).toHaveCount(0);
  await next.click();
  await expect(page.getByRole('heading', { name: t('ui.wizard.environments') })).toBeVisible();
  await next.click();
  const fluid = page.getByRole('checkbox', { name: 'Fluid systems' });
  await expect(fluid).not.toBeChecked();
  await fluid.check();
  await accessible(page, 'the samples step again');
  await fits(page, 'the samples step again');
  await next.click();
  const time = page.getByLabel(t('setting.name.data_management.backup_schedule_time'));
  await expect(time).toHaveValue('04:30');
  await expect.poll(() => existsSync(join(house.groups, 'fluid_systems/pump_pipeline.py'))).toBe(true);
  await accessible(page, 'the backups step again');
  await page.getByRole('button', { name: t('ui.wizard.done') }).click();
  await expect(page.getByText(t('ui.setup.done'))).toBeVisible();
  await expect(page.getByRole('heading', { level: 1, name: t('ui.nav.administration') })).toBeVisible();
});
