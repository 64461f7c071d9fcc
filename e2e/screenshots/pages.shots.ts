import { expect, test } from '@playwright/test';
import { admin, installation } from '../support/installation.ts';
import { ask, enter, signedIn } from '../support/people.ts';
import { runButton, runScript } from '../support/script.ts';
import { t } from '../support/texts.ts';
import { newCamera, prefer, variants } from './camera.ts';
import { scripts, work } from './house.ts';

test.describe.configure({ mode: 'serial' });

const house = installation({
  samples: true,
  users: { 'm.rossi': 'operator', 'c.dupont': 'developer', 'j.garcia': 'viewer' },
  scripts,
});
let failed = '';
let lacking = '';

test.beforeAll(async ({ request }) => {
  test.setTimeout(300_000);
  ({ failed, lacking } = await work(house));
  const token = await signedIn(request, house);
  for (const name of ['Line 4 – Parma', 'Filler 12/48 upgrade'])
    await ask(request, house, token, 'Projects.Create', { name });
});

/** Stops whatever a test started, so that the next finds the same house. */
async function quiet(): Promise<void> {
  for (const one of await house.executions()) {
    if (one.state !== 'running' && one.state !== 'queued') continue;
    // One may have ended by itself meanwhile.
    await house.cli(['stop', one.id]).catch((error: unknown) => {
      if (!String(error).includes('execution_ended')) throw error;
    });
  }
}

for (const { theme, language } of variants) {
  test(`pages, ${theme}, ${language}`, async ({ browser }) => {
    const camera = await newCamera(browser, house, theme, language);
    const { page } = camera;
    const text = (key: string, params = {}) => t(key, params, language);

    await page.goto(house.url);
    await expect(page.getByRole('heading', { name: text('ui.sign_in.title') })).toBeVisible();
    await camera.shoot('01-sign-in');
    await page.getByLabel(text('ui.sign_in.name')).fill('anna');
    await page.getByLabel(text('ui.sign_in.password')).fill('not this one');
    await page.getByRole('button', { name: text('ui.sign_in.submit') }).click();
    await expect(page.getByRole('alert')).toBeVisible();
    await camera.shoot('01-sign-in-refused');

    await prefer(page, house, admin, theme, language);
    await enter(page, house, admin, '', language);
    await camera.go('02-dashboard', '');
    await page.locator('#content').evaluate((content) => content.scrollTo(0, content.scrollHeight));
    await camera.shoot('02-dashboard-end');
    await page.locator('#content').evaluate((content) => content.scrollTo(0, 0));
    await page.getByRole('button', { name: text('ui.new_script.title') }).click();
    await page.getByLabel(text('ui.new_script.name'), { exact: true }).fill('Tank volume [m³]');
    await page.getByRole('button', { name: text('ui.new_script.create') }).click();
    await expect(page.locator('.is-invalid')).toBeVisible();
    await camera.shoot('02-dashboard-new-script');
    await camera.go('03-group', 'groups/thermal_analysis');
    await camera.go('03-group-problems', 'groups/commissioning');
    await page.getByRole('searchbox').fill('nothing like this');
    await camera.shoot('03-group-no-match');
    await camera.go('03-group-missing', 'groups/gone');

    await camera.go('04-script', 'scripts/thermal_analysis/heat_transfer');
    await camera.tab('04-script-history', 'ui.script.history');
    await camera.tab('04-script-running', 'ui.script.running');
    await page.getByText(text('ui.script.command'), { exact: true }).click();
    await expect(page.locator('details pre')).toBeVisible();
    await page.locator('details pre').scrollIntoViewIfNeeded();
    await camera.shoot('04-script-command');
    await page.getByRole('tab', { name: text('ui.check.title') }).click();
    await page.getByRole('button', { name: text('ui.check.start') }).click();
    await expect(page.getByText(text('ui.check.keeps'))).toBeVisible({ timeout: 60_000 });
    await camera.shoot('04-script-check');
    await camera.go('05-script-other', 'scripts/commissioning/vibration');
    await page.getByRole('tab', { name: text('ui.problem.title') }).click();
    await camera.shoot('05-script-problems');
    await page.getByRole('textbox').first().fill('99999');
    await runButton(page, language).click();
    await expect(page.locator('[aria-invalid="true"]').first()).toBeVisible();
    await camera.shoot('05-script-wrong');
    await camera.go('05-script-missing', 'scripts/commissioning/gone');

    await camera.go('09-data', 'data');
    await camera.go('10-executions', 'executions');
    await page.getByLabel(text('ui.execution.user'), { exact: true }).selectOption('*');
    await camera.shoot('10-executions-everyone');
    await page.getByRole('button', { name: text('ui.executions.completed'), exact: true }).click();
    await camera.shoot('10-executions-no-match');
    await camera.go('11-execution-failed', `executions/${failed}`);
    await page.getByText(text('ui.error.details'), { exact: true }).first().click();
    await camera.shoot('11-execution-failed-details');
    await camera.go('12-execution-lacking', `executions/${lacking}`);
    await page.getByPlaceholder(text('ui.log.search')).fill('module');
    await page.getByRole('combobox', { name: text('ui.log.times') }).selectOption('absolute');
    await camera.shoot('12-log-search');
    await page.getByRole('button', { name: 'debug' }).click();
    await camera.shoot('12-log-debug');
    await camera.go('12-execution-missing', 'executions/00000000-0000-4000-8000-000000000000');

    await camera.go('14-scripts', 'scripts');
    await page.locator('[data-page-search]').fill('calor pa');
    await expect(page.locator('mark').first()).toBeVisible();
    await camera.shoot('14-scripts-found');

    await camera.go('15-users', 'users');
    await page.getByRole('button', { name: text('ui.users.add') }).click();
    await camera.shoot('16-users-add');
    await page.getByLabel(text('ui.users.name')).fill('m.rossi');
    await page.getByLabel(text('ui.sign_in.password')).fill('short');
    await page.getByRole('button', { name: text('ui.users.create') }).click();
    await expect(page.locator('[role="alert"], [aria-invalid="true"]').first()).toBeVisible();
    await camera.shoot('16-users-add-refused');
    await camera.go('17-account', 'account');
    await page.locator('details summary').last().click();
    await page.locator('details summary').last().scrollIntoViewIfNeeded();
    await camera.shoot('17-account-licences');
    await camera.go('18-not-found', 'nowhere');

    await camera.go('19-palette', '');
    await page.keyboard.press('Control+k');
    await camera.shoot('19-palette');
    await page.getByRole('combobox').fill('heat');
    await camera.shoot('19-palette-found');
    await page.getByRole('combobox').fill('zzzz');
    await camera.shoot('19-palette-nothing');
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await page.keyboard.press('?');
    await expect(page.getByRole('dialog')).toBeVisible();
    await camera.shoot('20-keys');
    await page.keyboard.press('Escape');
    await camera.open('21-menu-project', text('ui.project.current', { project: 'project_default' }));
    await camera.open('21-menu-running', text('ui.running.count', { count: 0 }));
    await camera.open('21-menu-theme', text('ui.theme.title'));
    await camera.open('21-menu-account', text('ui.account.menu', { name: admin }));
    await page.getByRole('button', { name: text('ui.nav.fold') }).click();
    await camera.shoot('22-folded');
    await camera.page.context().close();
  });

  test(`runs, ${theme}, ${language}`, async ({ browser }) => {
    const camera = await newCamera(browser, house, theme, language);
    const { page } = camera;
    const text = (key: string, params = {}) => t(key, params, language);
    await prefer(page, house, admin, theme, language);
    await enter(page, house, admin, 'scripts/thermal_analysis/heat_transfer', language);

    const tab = await runScript(page, language);
    const window = camera.on(tab.page);
    await expect(tab.frame.locator('svg.plot').first()).toBeVisible();
    await window.shoot('06-window');
    await tab.page.getByRole('button', { name: text('ui.window.log') }).click();
    await window.shoot('07-window-log');
    await page.bringToFront();
    await camera.shoot('08-script-running');

    // One without a page stays in its place; another shows the phases of its start.
    await page.goto(`${house.url}#/scripts/commissioning/cold_start`);
    await runButton(page, language).click();
    await expect(page.getByText('minute 2')).toBeVisible();
    await camera.shoot('08-script-in-place');
    await page.goto(`${house.url}#/scripts/commissioning/slow_page`);
    const slow = await runScript(page, language);
    await expect(slow.page.getByText('40,000 samples')).toBeVisible();
    await camera.on(slow.page).shoot('06-window-phases');
    await page.bringToFront();
    await camera.go('09-dashboard-running', '');
    await camera.open('21-menu-running-some', text('ui.running.count', { count: 3 }));
    await camera.go('10-executions-running', 'executions');
    await slow.page.close();

    await tab.page.bringToFront();
    await tab.page.getByRole('button', { name: text('ui.run.stop') }).click();
    await expect(tab.page.getByRole('heading', { level: 2 })).toBeVisible();
    await window.shoot('09-window-ended');
    await tab.page.close();
    await page.bringToFront();
    await page.goto(`${house.url}#/window/${failed}`);
    await expect(page.getByRole('heading', { level: 2 })).toBeVisible();
    await camera.shoot('13-window-failed');
    await camera.page.context().close();
    await quiet();
  });

  test(`a viewer, ${theme}, ${language}`, async ({ browser }) => {
    const camera = await newCamera(browser, house, theme, language);
    await prefer(camera.page, house, 'j.garcia', theme, language);
    await enter(camera.page, house, 'j.garcia', '', language);
    await camera.go('30-viewer-dashboard', '');
    await camera.go('30-viewer-group', 'groups/commissioning');
    await camera.go('30-viewer-script', 'scripts/thermal_analysis/heat_transfer');
    await camera.go('30-viewer-executions', 'executions');
    await camera.go('30-viewer-refused', 'scripts/commissioning/secret');
    await camera.page.context().close();
  });
}
