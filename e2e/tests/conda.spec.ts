import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, type Locator, type Page } from '@playwright/test';
import { accessible, fits } from '../support/access.ts';
import { condaIn, packed } from '../support/conda.ts';
import { installation } from '../support/installation.ts';
import { enter } from '../support/people.ts';
import { task } from '../support/scripts.ts';
import { t } from '../support/texts.ts';

const house = installation({
  users: { dora: 'developer' },
  scripts: { 'rig/needs.py': task({ display_name: 'Needs a solver' }, 'import cv2') },
});
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

/** Opens the form for a file to import, fills it in and sends it. */
async function bringIn(page: Page, name: string, file: string): Promise<Locator> {
  const form = await begin(page, name);
  await form.getByLabel(t('ui.change.way_file')).check();
  await form.getByLabel(t('ui.change.file'), { exact: true }).fill(file);
  await send(form, 'import');
  return card(page, 'import', name);
}

// ENV-7: of an explicit list, conda gives no answer where it did what it was asked for.
test('an explicit list is imported by conda', async ({ page }) => {
  const file = join(house.home, 'list.txt');
  writeFileSync(
    file,
    '@EXPLICIT\nhttps://conda.anaconda.org/conda-forge/noarch/flask-2.2.2-pyhd8ed1ab_0.conda\n',
  );
  await enter(page, house, 'dora', 'environments');
  const job = await bringIn(page, 'listed', file);
  await expect(job.getByText(t('state.completed'))).toBeVisible(made);
  await expect(page.getByRole('row').filter({ hasText: join(folder, 'listed') })).toBeVisible();
  await job.getByRole('link', { name: t('ui.change.open') }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'listed' })).toBeVisible();
});

// ENV-7: it is unpacked without a network, and adapts itself to its place; what would lead out of it is refused.
test('an archive of conda-pack is imported', async ({ page }) => {
  const good = join(house.home, 'packed.tar.gz');
  packed(good);
  const bad = join(house.home, 'escapes.tar.gz');
  packed(bad, '../../escaped');
  await enter(page, house, 'dora', 'environments');
  const job = await bringIn(page, 'packed', good);
  await expect(job.getByText(t('state.completed'))).toBeVisible(made);
  expect(readFileSync(join(folder, 'packed', 'adapted'), 'utf8')).toBe(join(folder, 'packed'));
  const row = page.getByRole('row').filter({ hasText: join(folder, 'packed') });
  await expect(row).toBeVisible();
  await expect(row).toContainText(t('ui.environment.state.ok'));

  const refused = await bringIn(page, 'escapes', bad);
  await expect(refused.getByRole('alert')).toContainText(bad, made);
  expect(existsSync(join(folder, 'escapes'))).toBe(false);
  await accessible(page, 'an archive that was refused');
  await fits(page, 'an archive that was refused');
});

// ENV-7: a group without requirements.txt may have its environment made by conda.
test('a group gets an environment of its own by conda', async ({ page }) => {
  await enter(page, house, 'dora', 'groups/rig');
  await page.getByRole('button', { name: t('ui.change.for_group') }).click();
  const form = page.getByRole('region', { name: t('ui.change.new_for', { group: 'rig' }) });
  await expect(form.getByLabel(t('ui.environments.name'))).toHaveValue('rig');
  await expect(form.getByLabel(packages)).toHaveValue('opencv-python');
  await form.getByLabel(t('ui.change.tool')).selectOption('conda');
  await expect(form.getByText(t('ui.change.place', { path: join(folder, 'rig') }))).toBeVisible();
  // As conda calls it.
  await expect(form.getByLabel(packages)).toHaveValue('opencv');
  await accessible(page, 'the environment of a group, by conda');
  await fits(page, 'the environment of a group, by conda');
  await send(form, 'create');
  await expect(card(page, 'create', 'rig').getByText(t('state.completed'))).toBeVisible(made);
  await expect(page.getByText(t('ui.environment.source.group'), { exact: true })).toBeVisible();
  const shown = await house.cli<{ groups: string[] }>(['environment', 'show', join(folder, 'rig')]);
  expect(shown.groups).toEqual(['rig']);
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

  // What lies outside of our folders is filled, and removed by whoever made it.
  const outside = join(house.home, '.venvs/outside');
  mkdirSync(join(outside, 'bin'), { recursive: true });
  writeFileSync(join(outside, 'pyvenv.cfg'), 'home = /usr/bin\n');
  symlinkSync('/usr/bin/python3', join(outside, 'bin/python'));
  await house.cli(['environment', 'refresh']);
  await page.goto(`${house.url}#/environments/${encodeURIComponent(outside)}`);
  await expect(page.getByText(t('ui.change.kept_place'))).toBeVisible();
  const actions = page.locator('.page-header').getByRole('button');
  await expect(actions.filter({ hasText: t('ui.change.install_now') })).toBeVisible();
  await expect(actions.filter({ hasText: t('ui.change.remove') })).toHaveCount(0);
});
