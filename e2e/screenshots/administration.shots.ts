import { expect, test } from '@playwright/test';
import { admin, installation } from '../support/installation.ts';
import { enter } from '../support/people.ts';
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

test.beforeAll(async () => {
  test.setTimeout(300_000);
  ({ failed, lacking } = await work(house));
  await house.cli(['permission', 'set', 'commissioning', '--user', 'm.rossi', '--deny']);
  await house.cli(['permission', 'set', 'commissioning/vibration', '--user', 'm.rossi', '--allow']);
});

for (const { theme, language } of variants) {
  test(`administration, ${theme}, ${language}`, async ({ browser }) => {
    const camera = await newCamera(browser, house, theme, language);
    const { page } = camera;
    const text = (key: string, params = {}) => t(key, params, language);
    await prefer(page, house, admin, theme, language);
    await enter(page, house, admin, '', language);

    await camera.go('40-running', 'running');
    await camera.go('40-confinement', 'confinement');
    await camera.go('41-statistics', 'statistics');

    await camera.go('42-permissions', 'permissions');
    await page.locator('tbody button[aria-expanded]').first().click();
    await page.getByLabel(text('ui.permissions.person')).selectOption('m.rossi');
    await expect(page.getByRole('group', { name: text('ui.permissions.explain') })).toBeVisible();
    await camera.shoot('42-permissions-explained');
    await page.getByLabel(text('ui.permissions.find_objects')).fill('no such thing');
    await camera.shoot('42-permissions-nothing');

    await camera.go('44-settings', 'settings');

    await camera.go('43-audit', 'audit');
    await page
      .getByRole('group', { name: text('ui.nav.audit') })
      .getByRole('row')
      .filter({ hasText: text('audit.action.user_update') })
      .first()
      .getByRole('button')
      .click();
    await camera.shoot('43-audit-open');
    await page.getByRole('button', { name: text('ui.audit.verify'), exact: true }).click();
    await page.getByRole('button', { name: text('ui.audit.verify_now') }).click();
    await expect(
      page.getByRole('region', { name: text('ui.audit.verify') }).getByRole('status'),
    ).toBeVisible();
    await camera.shoot('43-audit-verified');

    await camera.go('46-administration', 'administration');
    await camera.go('46-data-use', 'data-use');
    await camera.go('46-discovery', 'discovery');
    await camera.go('46-document-status', 'document-status');
    await camera.go('46-system-logs', 'system-logs');
    await camera.go('46-users', 'users');
    await camera.go('46-data', 'data');
    await camera.go('46-projects', 'projects');
    await camera.go('47-templates', 'templates');
    await page.goto(`${house.url}#/executions/${failed}`);
    await expect(page.getByRole('log')).toBeVisible();
    await page.goto(`${house.url}#/logs/${lacking}`);
    await expect(page.getByRole('log')).toBeVisible();
    await camera.shoot('44-logs-in-tabs');
    await camera.go('45-search', 'executions');
    await page.getByRole('searchbox', { name: text('ui.logsearch.label') }).fill('point');
    await page.getByRole('searchbox', { name: text('ui.logsearch.label') }).press('Enter');
    await expect(page.getByRole('list', { name: text('ui.logsearch.results') })).toBeVisible();
    await camera.shoot('45-search-found');
    await camera.page.context().close();
  });
}
