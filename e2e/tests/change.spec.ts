import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, type Locator, type Page } from '@playwright/test';
import { accessible, fits } from '../support/access.ts';
import { installation } from '../support/installation.ts';
import { ask, enter, signedIn } from '../support/people.ts';
import { task } from '../support/scripts.ts';
import { languages, pattern, t } from '../support/texts.ts';
import { wheel } from '../support/wheels.ts';

const house = installation({
  users: { dora: 'developer', otto: 'operator' },
  scripts: {
    'made/needs.py': task({ display_name: 'Needs a wheel' }, 'import smwheel\nprint(smwheel.value)'),
    'made/requirements.txt': 'smwheel==1.0\n',
    'bench/stay.py': task({ display_name: 'Stays' }, 'print("up", flush=True)\nwhile True: time.sleep(0.2)'),
  },
});

const wheels = mkdtempSync(join(tmpdir(), 'wheels-'));
test.beforeAll(() => {
  wheel(wheels, 'smwheel');
  mkdirSync(join(house.groups, 'made'), { recursive: true });
  wheel(join(house.groups, 'made/wheels'), 'smwheel');
});
test.afterAll(() => rmSync(wheels, { recursive: true, force: true }));

test.use({ viewport: { width: 1024, height: 640 }, reducedMotion: 'reduce' });
// Making a venv is most of it, and slow where the machine is busy.
test.setTimeout(900_000);
const made = { timeout: 300_000 };

const name = t('ui.environments.name');
const packages = new RegExp(`^${t('ui.environment.packages')}`);
const offline = new RegExp(`^${t('ui.change.offline').replace(/[()]/g, '\\$&')}`);

/** The card of a change, by what it does. */
function card(page: Page, action: string, environment: string): Locator {
  return page.getByRole('region', { name: t(`job.environment.${action}`, { environment }) });
}

/** Presses a button by keyboard alone. */
async function press(button: Locator): Promise<void> {
  await expect(button).toBeEnabled();
  await button.focus();
  await button.press('Enter');
}

/** Calls the door as the developer. */
async function call<T>(page: Page, method: string, argument: unknown): Promise<T> {
  const answer = await ask(
    page.request,
    house,
    await signedIn(page.request, house, 'dora'),
    method,
    argument,
  );
  expect(answer.status(), await answer.text()).toBe(200);
  return (await answer.json()) as T;
}

interface Started {
  execution: { id: string };
}

interface Known {
  name: string;
  path: string;
}

// ENV-7: what is wrong is said at the field, what fails can be changed and tried again.
test('a developer makes an environment by keyboard, and nothing typed is lost', async ({ page }) => {
  await enter(page, house, 'dora', 'environments');
  await press(page.getByRole('button', { name: t('ui.change.new'), exact: true }));
  const form = page.getByRole('region', { name: t('ui.change.new'), exact: true });
  await expect(form.getByLabel(name)).toBeFocused();
  const create = form.getByRole('button', { name: t('ui.change.create'), exact: true });
  await expect(create).toBeEnabled();
  await page.keyboard.type('base');
  await expect(form.getByText(t('error.environment_name', { name: 'base' }))).toBeVisible();
  await form.getByLabel(name).fill('fluid-2');
  await form.getByLabel(offline).fill('wheels');
  await expect(form.getByText(t('ui.change.full_path'))).toBeVisible();
  await form.getByLabel(offline).fill(wheels);
  await form.getByLabel(packages).fill('/etc/passwd');
  await press(create);
  await expect(form.getByText(t('ui.change.wrong_packages', { value: '/etc/passwd' }))).toBeVisible();
  await expect(form.getByLabel(packages)).toHaveAttribute('aria-invalid', 'true');
  await expect(form.getByLabel(name)).toHaveValue('fluid-2');
  await accessible(page, 'a new environment with an error');
  await fits(page, 'a new environment');

  await form.getByLabel(packages).fill('absent-package');
  await press(create);
  await expect(form).toBeHidden();
  const job = card(page, 'create', 'fluid-2');
  await expect(job).toBeVisible();
  await expect(job.getByText(t('state.failed'), { exact: true })).toBeVisible(made);
  await expect(job.getByRole('alert')).toContainText('absent-package');
  await accessible(page, 'a change that failed');
  expect(existsSync(join(house.root, 'environments/fluid-2'))).toBe(false);

  await press(job.getByRole('button', { name: t('ui.change.again') }));
  await expect(form.getByLabel(packages)).toHaveValue('absent-package');
  await expect(form.getByLabel(offline)).toHaveValue(wheels);
  await form.getByLabel(packages).fill('smwheel');
  await press(create);
  await expect(form).toBeHidden();
  const second = job.filter({ hasNot: page.getByRole('alert') });
  await expect(second.getByText(t('state.completed'))).toBeVisible(made);
  await expect(
    page.getByRole('row').filter({ hasText: join(house.root, 'environments/fluid-2') }),
  ).toBeVisible();
  await press(second.getByRole('link', { name: t('ui.change.open') }));
  await expect(page.getByRole('heading', { level: 1, name: 'fluid-2' })).toBeVisible();
  await expect(page.getByRole('cell', { name: 'smwheel', exact: true })).toBeVisible();
});

// ENV-7: everything that its page offers, one after the other on one environment.
test('an environment is filled, copied, exported and removed on its page', async ({ page }) => {
  await house.cli(['environment', 'create', 'work', '--kind', 'venv', '--as', 'dora']);
  const found = await house.cli<Known[]>(['environment', 'list']);
  const path = found.find((one) => one.name === 'work')?.path ?? '';
  expect(path).not.toBe('');
  await enter(page, house, 'dora', `environments/${encodeURIComponent(path)}`);
  await expect(page.getByRole('heading', { level: 1, name: 'work' })).toBeVisible();
  const header = page.locator('.page-header');
  const open = (action: string) =>
    press(
      header.getByRole('button', {
        name: t(`ui.change.${action === 'install' ? 'install_now' : action}`),
        exact: true,
      }),
    );
  const form = (action: string) => page.getByRole('region', { name: t(`ui.change.${action}`), exact: true });

  await open('install');
  await form('install').getByLabel(packages).fill('smwheel');
  await form('install').getByLabel(offline).fill(wheels);
  await accessible(page, 'the form of an installation');
  await press(form('install').getByRole('button', { name: t('ui.change.install_now'), exact: true }));
  await expect(card(page, 'install', 'work').getByText(t('state.completed'))).toBeVisible(made);
  await expect(page.getByRole('cell', { name: 'smwheel', exact: true })).toBeVisible();

  // What failed is tried again with what was filled in.
  await open('install');
  await form('install').getByLabel(packages).fill('nobody-made-this');
  await form('install').getByLabel(offline).fill(wheels);
  await press(form('install').getByRole('button', { name: t('ui.change.install_now'), exact: true }));
  const failed = page.locator('[data-job="install"]').filter({ hasText: t('state.failed') });
  await expect(failed).toBeVisible(made);
  // What ended before it is put together, and away.
  await expect(page.locator('[data-job="install"]:visible')).toHaveCount(1);
  await page.getByText(t('ui.change.earlier', { count: 1, count_text: '1' }), { exact: true }).click();
  await expect(page.locator('[data-job="install"]:visible')).toHaveCount(2);
  await accessible(page, 'the changes of before');
  await press(page.getByRole('button', { name: t('ui.change.put_all_away'), exact: true }));
  await expect(page.locator('[data-job="install"]')).toHaveCount(1);
  await press(failed.getByRole('button', { name: t('ui.change.again'), exact: true }));
  await expect(form('install').getByLabel(packages)).toHaveValue('nobody-made-this');
  await expect(form('install').getByLabel(offline)).toHaveValue(wheels);
  await press(form('install').getByRole('button', { name: t('ui.action.cancel'), exact: true }));

  await open('export');
  await press(form('export').getByRole('button', { name: t('ui.change.export_now'), exact: true }));
  const exported = card(page, 'export', 'work');
  await expect(exported.locator('pre')).toContainText('smwheel', made);
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    press(exported.getByRole('button', { name: t('ui.change.download') })),
  ]);
  expect(file.suggestedFilename()).toBe('work-requirements.txt');
  expect(readFileSync(await file.path(), 'utf8')).toContain('smwheel');
  await expect(exported.getByRole('button', { name: t('ui.action.copy'), exact: true })).toBeVisible();
  await accessible(page, 'an export');

  await open('clone');
  const copy = form('clone').getByLabel(t('ui.change.clone_name'));
  await copy.fill('work');
  await press(form('clone').getByRole('button', { name: t('ui.change.clone_now'), exact: true }));
  await expect(
    form('clone').getByText(pattern('error.environment_exists', { environment: 'work', path })),
  ).toBeVisible();
  await copy.fill('work-copy');
  await expect(copy).not.toHaveAttribute('aria-invalid', 'true');
  await form('clone').getByLabel(offline).fill(wheels);
  await press(form('clone').getByRole('button', { name: t('ui.change.clone_now'), exact: true }));
  // By its end it is another one's card: the copy's.
  await expect(page.locator('[data-job="clone"]').getByText(t('state.completed'))).toBeVisible(made);

  // It is kept while something runs in it, and who that is stands there.
  await house.cli(['group', 'set-environment', 'bench', path]);
  const { execution: running } = await call<Started>(page, 'Executions.Run', { script_id: 'bench/stay' });
  await expect.poll(async () => (await house.execution(running.id)).phase).toBe('ready');
  await open('remove');
  const remove = form('remove').getByRole('button', { name: t('ui.change.remove_now') });
  await expect(form('remove').getByText(pattern('ui.change.remove_used'))).toContainText('Bench');
  await expect(
    form('remove').getByText(t('ui.change.remove_running', { count: 1, count_text: '1' })),
  ).toBeVisible();
  await expect(remove).toBeDisabled();
  await form('remove')
    .getByLabel(t('ui.change.remove_type', { name: 'work' }))
    .fill('work');
  await press(remove);
  await expect(form('remove').getByRole('alert')).toContainText('bench');
  await form('remove').getByLabel(t('ui.change.remove_sure')).check();
  await press(remove);
  await expect(form('remove').getByRole('alert')).toContainText('bench/stay (dora)');
  await accessible(page, 'a removal that was refused');
  await call(page, 'Executions.Stop', { execution_id: running.id, now: true });
  await expect.poll(async () => (await house.execution(running.id)).state).toBe('terminated');
  await expect(
    form('remove').getByText(t('ui.change.remove_running', { count: 1, count_text: '1' })),
  ).toBeHidden();
  await press(remove);
  await expect(card(page, 'remove', 'work').getByText(t('state.completed'))).toBeVisible(made);
  await accessible(page, 'the page of what was removed');
  expect(existsSync(path)).toBe(false);
  await house.cli(['group', 'set-environment', 'bench', '--default']);
});

// ENV-7, JOB-1: a change goes on when its page is left, is found again, and is stopped without a trace.
test('a change outlives its page, shows how far it is, and can be stopped', async ({ page }) => {
  // An index that never answers.
  const index = createServer(() => undefined);
  await new Promise<void>((done) => index.listen(0, '127.0.0.1', done));
  const { port } = index.address() as AddressInfo;
  const list = join(wheels, 'slow.txt');
  writeFileSync(list, `--index-url http://127.0.0.1:${port}/simple\nslowwheel\n`);
  try {
    await enter(page, house, 'dora', 'environments');
    await press(page.getByRole('button', { name: t('ui.change.new'), exact: true }));
    const form = page.getByRole('region', { name: t('ui.change.new'), exact: true });
    await form.getByLabel(name).fill('slow');
    await form.getByLabel(/^requirements\.txt/).fill(list);
    await press(form.getByRole('button', { name: t('ui.change.create'), exact: true }));
    const job = card(page, 'create', 'slow');
    await expect(job.getByText(/slowwheel/)).toBeVisible(made);
    await expect(job.getByRole('progressbar')).toBeVisible();
    await accessible(page, 'a change at work');
    await fits(page, 'a change at work');

    await press(job.getByRole('link', { name: t('ui.change.output') }));
    await expect(
      page.getByRole('heading', { level: 1, name: t('job.environment.create', { environment: 'slow' }) }),
    ).toBeVisible();
    await expect(page.getByRole('progressbar')).toBeVisible();
    await expect(page.getByRole('region', { name: t('ui.execution.log') })).toContainText('pip');
    await expect(page.getByRole('link', { name: t('ui.execution.to_script') })).toHaveCount(0);
    await accessible(page, 'the page of a change');
    await fits(page, 'the page of a change');
    await page.getByRole('button', { name: t('ui.running.count', { count: 1 }) }).click();
    await page.keyboard.press('Escape');

    await page.reload();
    await expect(page.getByRole('progressbar')).toBeVisible();
    await page.goto(`${house.url}#/environments`);
    await expect(job.getByRole('progressbar')).toBeVisible();
    await press(job.getByRole('button', { name: t('ui.run.stop'), exact: true }));
    await expect(job.getByText(t('state.terminated'))).toBeVisible(made);
    expect(existsSync(join(house.root, 'environments/slow'))).toBe(false);
    await page.goto(`${house.url}#/executions`);
    const row = page
      .getByRole('row')
      .filter({ hasText: t('job.environment.create', { environment: 'slow' }) });
    await expect(row).toContainText(t('state.terminated'));
    await expect(row.getByTitle(t('ui.run.again'))).toHaveCount(0);
  } finally {
    index.closeAllConnections();
    index.close();
  }
});

// ENV-8: from what the group says that it needs to scripts that run in it.
test('a group gets an environment of its own from its requirements.txt', async ({ page }) => {
  await enter(page, house, 'dora', 'groups/made');
  await press(page.getByRole('button', { name: t('ui.change.for_group') }));
  const form = page.getByRole('region', { name: t('ui.change.new_for', { group: 'made' }) });
  await expect(form.getByLabel(name)).toHaveValue('made');
  await expect(form.getByLabel(/^requirements\.txt/)).toHaveValue(
    join(house.groups, 'made/requirements.txt'),
  );
  await expect(form.getByLabel(offline)).toHaveValue(join(house.groups, 'made/wheels'));
  await accessible(page, 'the environment of a group');
  await press(form.getByRole('button', { name: t('ui.change.create'), exact: true }));
  await expect(card(page, 'create', 'made').getByText(t('state.completed'))).toBeVisible(made);
  await expect(page.getByText(t('ui.environment.source.group'), { exact: true })).toBeVisible();
  const { execution: ran } = await call<Started>(page, 'Executions.Run', { script_id: 'made/needs' });
  await expect.poll(async () => (await house.execution(ran.id)).state, made).not.toBe('running');
  const ended = await house.execution(ran.id);
  expect(ended.state, JSON.stringify(ended)).toBe('completed');
});

test('an operator sees environments and is offered no change', async ({ page }) => {
  const path = (await house.cli<Known[]>(['environment', 'list']))[0]?.path ?? '';
  await enter(page, house, 'otto', 'environments');
  await expect(page.getByRole('row').filter({ hasText: path }).first()).toBeVisible();
  await expect(page.getByRole('button', { name: t('ui.change.new'), exact: true })).toHaveCount(0);
  await page.goto(`${house.url}#/environments/${encodeURIComponent(path)}`);
  await expect(page.getByRole('tab', { name: t('ui.environment.packages') })).toBeVisible();
  await expect(page.locator('.page-header').getByRole('button')).toHaveCount(0);
});

// What can be read in one language has room in all, in both looks and sizes.
test('the forms fit in every language, in dark and light', async ({ page }) => {
  const path = (await house.cli<Known[]>(['environment', 'list']))[0]?.path ?? '';
  const token = await signedIn(page.request, house, 'dora');
  for (const [at, language] of languages.entries()) {
    const theme = at % 2 === 0 ? 'dark' : 'light';
    const set = await ask(page.request, house, token, 'Session.SetPreferences', { theme, language });
    expect(set.ok()).toBe(true);
    await page.setViewportSize(at % 2 === 0 ? { width: 1024, height: 640 } : { width: 1920, height: 1080 });
    await enter(page, house, 'dora', 'environments', language);
    await page.getByRole('button', { name: t('ui.change.new', {}, language), exact: true }).click();
    const form = page.getByRole('region', { name: t('ui.change.new', {}, language), exact: true });
    await expect(form.getByRole('button', { name: t('ui.change.create', {}, language) })).toBeEnabled();
    await expect(page.locator('html')).toHaveAttribute('data-bs-theme', theme);
    await fits(page, `a new environment in ${language}`);
    await accessible(page, `a new environment in ${language}, ${theme}`);
    await form.getByText(t('ui.change.way_file', {}, language)).click();
    await expect(form.getByText(t('ui.change.file_hint', {}, language))).toBeVisible();
    await fits(page, `an import in ${language}`);
    await page.goto(`${house.url}#/environments/${encodeURIComponent(path)}`);
    await page.getByRole('button', { name: t('ui.change.export', {}, language), exact: true }).click();
    await expect(
      page.getByRole('region', { name: t('ui.change.export', {}, language), exact: true }),
    ).toBeVisible();
    await fits(page, `an environment in ${language}`);
  }
});
