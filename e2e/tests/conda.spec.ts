import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, type Locator, type Page } from '@playwright/test';
import { accessible, fits } from '../support/access.ts';
import { condaIn } from '../support/conda.ts';
import { installation } from '../support/installation.ts';
import { enter } from '../support/people.ts';
import { t } from '../support/texts.ts';

const house = installation({ users: { dora: 'developer' } });
let folder = '';
test.beforeAll(async () => {
  folder = condaIn(house);
  await house.cli(['environment', 'refresh']);
});

test.use({ viewport: { width: 1024, height: 640 }, reducedMotion: 'reduce' });
// One after the other on what the first one makes.
test.describe.configure({ mode: 'serial' });
test.setTimeout(300_000);
const made = { timeout: 120_000 };
const packages = new RegExp(`^${t('ui.environment.packages')}`);

function card(page: Page, action: string, environment: string): Locator {
  return page.getByRole('region', { name: t(`job.environment.${action}`, { environment }) });
}

/** Opens the form for a new environment, which is to be made by conda. */
async function begin(page: Page, name: string): Promise<Locator> {
  await page.getByRole('button', { name: t('ui.change.new'), exact: true }).click();
  const form = page.getByRole('region', { name: t('ui.change.new'), exact: true });
  await expect(form.getByLabel(t('ui.change.tool'))).toHaveValue('conda');
  await form.getByLabel(t('ui.environments.name')).fill(name);
  return form;
}

const send = (form: Locator, key: string) =>
  form.getByRole('button', { name: t(`ui.change.${key}`), exact: true }).click();

// ENV-7, JOB-1: what conda's own progress tells is seen, what it fails with is told, and nothing half made stays.
test('an environment is made by conda, with its progress', async ({ page }) => {
  await enter(page, house, 'dora', 'environments');
  let form = await begin(page, 'good');
  await expect(form.getByText(t('ui.change.place', { path: join(folder, 'good') }))).toBeVisible();
  await form.getByLabel(t('ui.change.version')).fill('3.11');
  await form.getByLabel(t('ui.change.channels')).fill('conda-forge');
  await form.getByLabel(packages).fill('flask');
  await accessible(page, 'a new environment of conda');
  await fits(page, 'a new environment of conda');
  await send(form, 'create');
  const good = card(page, 'create', 'good');
  await expect(good.getByText(t('state.completed'))).toBeVisible(made);
  await expect(page.getByRole('row').filter({ hasText: join(folder, 'good') })).toBeVisible();

  form = await begin(page, 'lacking');
  await form.getByLabel(packages).fill('nosuchpkg');
  await send(form, 'create');
  const lacking = card(page, 'create', 'lacking');
  await expect(lacking.getByRole('alert')).toContainText('nosuchpkg', made);
  expect(existsSync(join(folder, 'lacking'))).toBe(false);

  form = await begin(page, 'asked');
  await form.getByLabel(packages).fill('terms');
  await send(form, 'create');
  const asked = card(page, 'create', 'asked').getByRole('alert');
  await expect(asked).toContainText('tos accept --override-channels --channel', made);
  await fits(page, 'the command that accepts the terms of a channel');

  form = await begin(page, 'slow');
  await form.getByLabel(packages).fill('slow');
  await send(form, 'create');
  const slow = card(page, 'create', 'slow');
  await expect(slow.getByText(/click-8\.1\.3|flask-2\.2\.2/).first()).toBeVisible(made);
  await expect(slow.getByRole('progressbar')).not.toHaveAttribute('aria-valuenow', '0');
  await slow.getByRole('button', { name: t('ui.run.stop'), exact: true }).click();
  // Not any text: the shell that is ended says "Terminated" itself, as the last line of the output.
  await expect(slow.getByRole('status')).toHaveText(t('state.terminated'), made);
  expect(existsSync(join(folder, 'slow'))).toBe(false);
});

test('an environment.yml is imported by conda', async ({ page }) => {
  const file = join(house.home, 'e.yml');
  writeFileSync(file, 'name: x\ndependencies: [python]\n');
  await enter(page, house, 'dora', 'environments');
  const form = await begin(page, 'yml');
  await form.getByLabel(t('ui.change.way_file')).check();
  await form.getByLabel(t('ui.change.file'), { exact: true }).fill(join(house.home, 'gone.yml'));
  await send(form, 'import');
  await expect(form.getByLabel(t('ui.change.file'), { exact: true })).toHaveAttribute('aria-invalid', 'true');
  await form.getByLabel(t('ui.change.file'), { exact: true }).fill(file);
  await send(form, 'import');
  await expect(card(page, 'import', 'yml').getByText(t('state.completed'))).toBeVisible(made);
  await expect(page.getByRole('row').filter({ hasText: join(folder, 'yml') })).toBeVisible();
});

test('an environment of conda is filled, exported, copied and removed', async ({ page }) => {
  await enter(page, house, 'dora', `environments/${encodeURIComponent(join(folder, 'good'))}`);
  await expect(page.getByRole('heading', { level: 1, name: 'good' })).toBeVisible();
  const form = (action: string) => page.getByRole('region', { name: t(`ui.change.${action}`), exact: true });
  const open = (key: string) =>
    page
      .locator('.page-header')
      .getByRole('button', { name: t(`ui.change.${key}`), exact: true })
      .click();
  const ended = (action: string) =>
    page.locator(`[data-job="${action}"]`).getByText(t('state.completed'), { exact: true });

  await open('install_now');
  await form('install').getByLabel(packages).fill('rigdata');
  await send(form('install'), 'install_now');
  await expect(ended('install')).toBeVisible(made);

  await open('export');
  await form('export').getByLabel(t('ui.change.format_from_history')).check();
  await send(form('export'), 'export_now');
  await expect(card(page, 'export', 'good').locator('pre')).toContainText('dependencies:', made);

  await open('clone');
  await form('clone').getByLabel(t('ui.change.clone_name')).fill('copy');
  await send(form('clone'), 'clone_now');
  await expect(ended('clone')).toBeVisible(made);
  expect(existsSync(join(folder, 'copy', 'conda-meta'))).toBe(true);

  await open('remove');
  await form('remove')
    .getByLabel(t('ui.change.remove_type', { name: 'good' }))
    .fill('good');
  await send(form('remove'), 'remove_now');
  await expect.poll(() => existsSync(join(folder, 'good')), made).toBe(false);

  // The installation itself is not taken away, and the page says why.
  await page.goto(`${house.url}#/environments/${encodeURIComponent(join(house.home, 'miniconda3'))}`);
  await expect(page.getByText(t('ui.change.kept_base'))).toBeVisible();
});
