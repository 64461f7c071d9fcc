import { expect, test } from '@playwright/test';
import { join } from 'node:path';
import { admin, installation, password } from '../support/installation.ts';
import { languages, t } from '../support/texts.ts';

const folder = join(import.meta.dirname, '../../test-results/screenshots');
test.describe.configure({ mode: 'serial' });

const fresh = installation({ setup: false, samples: true });

for (const theme of ['light', 'dark'] as const) {
  for (const language of languages) {
    test(`the first start, ${theme}, ${language}`, async ({ browser }) => {
      const context = await browser.newContext({
        reducedMotion: 'reduce',
        colorScheme: theme,
        locale: language,
      });
      const page = await context.newPage();
      const text = (key: string, params = {}) => t(key, params, language);
      const shoot = async (name: string) => {
        for (const size of [
          { width: 1920, height: 1080 },
          { width: 1024, height: 640 },
        ]) {
          await page.setViewportSize(size);
          await page.screenshot({
            path: join(folder, `${size.width}x${size.height}`, theme, `${name}-${language}.png`),
            animations: 'disabled',
          });
        }
      };
      await page.goto(fresh.url);
      await expect(page.getByRole('heading', { name: text('ui.wizard.title') })).toBeVisible();
      // It is taken up where the one before left it.
      await expect(page.getByRole('listitem').and(page.locator('[aria-current="step"]'))).toBeVisible();
      const back = page.getByRole('button', { name: text('ui.wizard.back') });
      while ((await back.count()) > 0) await back.click();
      await shoot('00-wizard-1');
      await page.getByRole('button', { name: text('ui.wizard.next') }).click();
      await expect(page.getByRole('heading', { name: text('ui.wizard.environments') })).toBeVisible();
      await shoot('00-wizard-2');
      const next = page.getByRole('button', { name: text('ui.wizard.next') });
      await next.click();
      await expect(page.getByText(text('ui.wizard.samples_text'))).toBeVisible();
      await shoot('00-wizard-3');
      await next.click();
      await expect(page.getByRole('heading', { name: text('ui.wizard.backups') })).toBeVisible();
      await shoot('00-wizard-4');
      await next.click();
      await expect(page.getByLabel(text('ui.wizard.password_again'))).toBeVisible();
      await shoot('00-wizard-5');
      await page.getByLabel(text('ui.sign_in.name')).fill(admin);
      await page.getByLabel(text('ui.sign_in.password'), { exact: true }).fill('short');
      await page.getByLabel(text('ui.wizard.password_again')).fill('other');
      await page.getByRole('button', { name: text('ui.wizard.finish') }).click();
      await expect(page.locator('[aria-invalid="true"]').first()).toBeVisible();
      await shoot('00-wizard-5-wrong');
      await context.close();
    });
  }
}

test('a dashboard on which nothing has happened', async ({ page }) => {
  await page.goto(fresh.url);
  // It is where the last one of those above left it: at the administrator.
  await page.getByLabel(t('ui.sign_in.name')).fill(admin);
  await page.getByLabel(t('ui.sign_in.password'), { exact: true }).fill(password);
  await page.getByLabel(t('ui.wizard.password_again')).fill(password);
  await page.getByRole('button', { name: t('ui.wizard.finish') }).click();
  await expect(page.getByRole('heading', { level: 1, name: t('ui.nav.dashboard') })).toBeVisible();
  for (const size of [
    { width: 1024, height: 640 },
    { width: 1920, height: 1080 },
  ]) {
    await page.setViewportSize(size);
    await expect(page.locator('.row-shape')).toHaveCount(0);
    await page.screenshot({
      path: join(folder, `${size.width}x${size.height}`, 'light/02-dashboard-new-en.png'),
    });
  }
  await page.goto(`${fresh.url}#/executions`);
  await expect(page.getByText(t('ui.executions.none'))).toBeVisible();
  await page.screenshot({ path: join(folder, '1920x1080/light/10-executions-new-en.png') });
});
