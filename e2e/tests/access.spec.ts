import { expect, test, type Page } from '@playwright/test';
import { accessible, fits } from '../support/access.ts';
import { admin, installation } from '../support/installation.ts';
import { log } from '../support/log.ts';
import { ask, enter, signedIn } from '../support/people.ts';
import { openScript, runScript } from '../support/script.ts';
import { pageScript, task } from '../support/scripts.ts';
import { languages, t } from '../support/texts.ts';

const house = installation({
  samples: true,
  users: { otto: 'operator' },
  scripts: {
    'bench/page.py': pageScript({ display_name: 'Plain page' }),
    'bench/failing.py': task(
      { display_name: 'Failing task' },
      'print("before")\nraise ValueError("too hot")',
    ),
    'bench/fields.py': task(
      {
        display_name: 'All kinds of fields',
        parameters: JSON.stringify([
          { name: 'a', type: 'string', required: true, label: { en: 'Text of one line' } },
          { name: 'b', type: 'text', description: { en: 'With a description' } },
          { name: 'c', type: 'integer', min: 1, max: 9, default: 3 },
          { name: 'd', type: 'number', step: 0.5 },
          { name: 'e', type: 'boolean', default: true },
          { name: 'f', type: 'select', options: [{ value: 'x' }, { value: 'y' }] },
          { name: 'g', type: 'multiselect', options: [{ value: 'x' }, { value: 'y' }] },
          { name: 'h', type: 'file' },
          { name: 'i', type: 'directory' },
          { name: 'j', type: 'date' },
          { name: 'k', type: 'datetime' },
          { name: 'l', type: 'color', default: '#0b5cab' },
          { name: 'm', type: 'password' },
          { name: 'n', type: 'json' },
          { name: 'o', type: 'string', multiple: true, default: ['one', 'two'] },
        ]),
      },
      'print("ok")',
    ),
  },
});

// The narrowest window that we promise to fit into.
test.use({ viewport: { width: 1024, height: 640 }, reducedMotion: 'reduce' });

/** Settles the theme of the account before pages are opened. */
async function theme(page: Page, name: 'light' | 'dark'): Promise<void> {
  const token = await signedIn(page.request, house);
  expect((await ask(page.request, house, token, 'Session.SetPreferences', { theme: name })).ok()).toBe(true);
}

async function failed(): Promise<string> {
  const before = (await house.executions()).find((execution) => execution.script_id === 'bench/failing');
  if (before) return before.id;
  const { execution_id: id } = await house.cli<{ execution_id: string }>([
    'run',
    'bench/failing',
    '--as',
    admin,
  ]);
  await expect.poll(async () => (await house.execution(id)).state).toBe('failed');
  return id;
}

for (const look of ['light', 'dark'] as const) {
  test(`axe finds nothing on any page, ${look}`, async ({ page }) => {
    test.slow(); // many pages
    const id = await failed();
    await theme(page, look);
    await enter(page, house);
    const pages: [string, string][] = [
      ['', t('ui.nav.dashboard')],
      ['groups/thermal_analysis', 'Thermal analysis'],
      ['scripts/thermal_analysis/heat_transfer', 'Heat transfer through a wall'],
      ['scripts/bench/fields', 'All kinds of fields'],
      ['executions', t('ui.nav.executions')],
      [`executions/${id}`, 'Failing task'],
      ['environments', t('ui.nav.environments')],
      ['running', t('ui.everyone.title')],
      ['confinement', t('ui.enforcement.title')],
      ['users', t('ui.nav.users')],
      ['account', t('ui.nav.account')],
      ['nowhere', t('ui.not_found.title')],
    ];
    for (const [path, name] of pages) {
      await test.step(name, async () => {
        await page.goto(`${house.url}#/${path}`);
        await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
        await expect(page.locator('html')).toHaveAttribute('data-bs-theme', look);
        await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
        await accessible(page, `${name}, ${look}`);
        await fits(page, name);
      });
    }
    await test.step('the tabs of a script', async () => {
      await openScript(page, house, 'bench/failing', 'Failing task');
      for (const tab of [t('ui.script.history'), t('ui.script.running')]) {
        await page.getByRole('tab', { name: tab }).click();
        await expect(page.getByRole('tabpanel', { name: tab })).toBeVisible();
        await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
        await accessible(page, `${tab}, ${look}`);
      }
    });
    await test.step('a form with mistakes', async () => {
      await openScript(page, house, 'bench/fields', 'All kinds of fields');
      const text = page.getByLabel('Text of one line');
      await text.fill('x');
      await text.fill('');
      await page.getByLabel('c', { exact: true }).fill('12');
      await expect(page.locator('.invalid-feedback')).toHaveCount(2);
      await accessible(page, `a form with mistakes, ${look}`);
    });
  });

  test(`axe finds nothing in dialogs and menus, ${look}`, async ({ page }) => {
    await theme(page, look);
    await enter(page, house);
    const palette = page.getByRole('dialog', { name: t('ui.palette.open') });
    await page.keyboard.press('Control+k');
    await expect(palette.getByRole('combobox')).toBeFocused();
    await accessible(page, `the palette, ${look}`);
    await page.keyboard.press('Escape');
    await expect(palette).toBeHidden();
    const help = page.getByRole('dialog', { name: t('ui.keys.title') });
    await page.keyboard.press('?');
    await expect(help).toBeVisible();
    await accessible(page, `the keys, ${look}`);
    await page.keyboard.press('Escape');
    await expect(help).toBeHidden();
    for (const name of [
      t('ui.project.current', { project: 'project_default' }),
      t('ui.running.count', { count: 0 }),
      t('ui.theme.title'),
      t('ui.language.current', { language: 'English' }),
      t('ui.account.menu', { name: admin }),
    ]) {
      const opener = page.getByRole('button', { name });
      const menu = page.getByRole('group', { name });
      await opener.click();
      await expect(menu).toBeVisible();
      await accessible(page, `${name}, ${look}`);
      await page.keyboard.press('Escape');
      await expect(menu).toHaveCount(0);
    }
    await page.goto(`${house.url}#/users`);
    await page.getByRole('button', { name: t('ui.users.add') }).click();
    await expect(page.getByLabel(t('ui.users.name'), { exact: true })).toBeVisible();
    await accessible(page, `adding a user, ${look}`);
  });

  test(`axe finds nothing in a script’s tab and on the sign-in page, ${look}`, async ({ page, browser }) => {
    await theme(page, look);
    await enter(page, house);
    await openScript(page, house, 'bench/page', 'Plain page');
    const tab = await runScript(page);
    await expect(tab.frame.locator('#theme')).toHaveText(look);
    await accessible(tab.page, `the window, ${look}`);
    await fits(tab.page, 'the window');
    await tab.page
      .getByRole('toolbar', { name: t('ui.window.tools') })
      .getByRole('button', { name: t('ui.window.log') })
      .click();
    await expect(log(tab.page).getByText('listening')).toBeVisible();
    await accessible(tab.page, `the window’s log, ${look}`);
    await page.bringToFront();
    await accessible(page, `a script’s page while it runs, ${look}`);
    await tab.page
      .getByRole('toolbar', { name: t('ui.window.tools') })
      .getByRole('button', { name: t('ui.run.stop') })
      .click();
    await expect(
      tab.page.getByRole('heading', { name: t('ui.window.terminated', { script: 'Plain page' }) }),
    ).toBeVisible();
    await accessible(tab.page, `the window when it has ended, ${look}`);
    await fits(tab.page, 'the ended window');

    const context = await browser.newContext({
      colorScheme: look,
      viewport: { width: 1024, height: 640 },
    });
    const gate = await context.newPage();
    await gate.goto(house.url);
    await expect(gate.getByRole('heading', { name: t('ui.sign_in.title') })).toBeVisible();
    await expect(gate.locator('html')).toHaveAttribute('data-bs-theme', look);
    await accessible(gate, `signing in, ${look}`);
    await fits(gate, 'signing in');
    await context.close();
  });
}

test('every page fits into a small window in all languages', async ({ page }) => {
  const id = await failed();
  await enter(page, house);
  const token = await signedIn(page.request, house);
  for (const language of languages) {
    await ask(page.request, house, token, 'Session.SetPreferences', { language });
    await expect(page.locator('html')).toHaveAttribute('lang', language);
    for (const path of [
      '',
      'groups/thermal_analysis',
      'scripts/thermal_analysis/heat_transfer',
      'scripts/bench/fields',
      'executions',
      `executions/${id}`,
      'environments',
      'running',
      'confinement',
      'users',
      'account',
    ]) {
      await page.goto(`${house.url}#/${path}`);
      await expect(page.getByRole('heading', { level: 1 }).first()).toBeVisible(); // a document has its own
      await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
      await fits(page, `${path} in ${language}`);
    }
  }
});
