import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { installation } from '../support/installation.ts';
import { ask, enter, signedIn } from '../support/people.ts';
import { pageScript } from '../support/scripts.ts';
import { t } from '../support/texts.ts';

const house = installation({
  users: { otto: 'operator', greta: 'operator' },
  scripts: { 'bench/page.py': pageScript({ display_name: 'Page' }) },
  config: { security: { enable_project_sharing: true } },
});

const folder = 'data/script_groups/group_bench/user_otto/project_default';

test('a project is shared, read, and taken back', async ({ page, browser, request }) => {
  mkdirSync(join(house.root, folder), { recursive: true });
  writeFileSync(join(house.root, folder, 'walls.json'), '{"walls": 3}');
  const context = await browser.newContext();
  const greta = await context.newPage();
  await enter(greta, house, 'greta', 'projects');
  const shared = greta.getByRole('region', { name: t('ui.shared.title') }).first();
  await expect(greta.getByRole('region', { name: t('ui.project.title'), exact: true })).toContainText(
    'project_default',
  );
  await expect(shared).toBeHidden();

  await enter(page, house, 'otto', 'projects');
  const named = { project: 'project_default' };
  await page.getByRole('button', { name: t('ui.share.action_named', named) }).click();
  const form = page.getByRole('region', { name: t('ui.share.action_named', named) });
  await expect(form.getByText(t('ui.share.nobody'))).toBeVisible();
  await expect(form.getByRole('button', { name: t('ui.share.action'), exact: true })).toBeDisabled();
  await form.getByLabel(t('ui.share.person')).selectOption('greta');
  await form.getByRole('button', { name: t('ui.share.action'), exact: true }).click();
  const has = form.getByRole('list', { name: t('ui.share.have') });
  await expect(has).toContainText('greta');
  await expect(form.getByLabel(t('ui.share.person')).getByRole('option', { name: 'greta' })).toHaveCount(0);
  await expect(page.getByText(t('ui.share.with', { count: 1 }))).toBeVisible();

  // The other page shows it at once, apart from the own ones, with whose it is.
  await expect(shared).toContainText('otto');
  await greta
    .getByRole('link', { name: t('ui.shared.open_named', { project: 'project_default', owner: 'otto' }) })
    .click();
  await expect(
    greta.getByText(t('ui.data.shared_of', { owner: 'otto', project: 'project_default' })),
  ).toBeVisible();
  await greta.getByRole('treeitem', { name: /walls\.json/ }).click();
  const viewer = greta.getByRole('region', { name: t('ui.data.viewer'), exact: true });
  await expect(viewer).toContainText('walls');
  for (const key of ['ui.data.upload', 'ui.data.new_folder', 'ui.data.rename', 'ui.data.remove'])
    await expect(greta.getByRole('button', { name: t(key), exact: true })).toHaveCount(0);
  const [fetched] = await Promise.all([
    greta.waitForEvent('download'),
    viewer.getByRole('button', { name: t('ui.data.download') }).click(),
  ]);
  expect(fetched.suggestedFilename()).toBe('walls.json');

  // Switched off, it is gone; on again, it is back; and taken back, gone for good.
  const token = await signedIn(request, house);
  const allow = async (on: boolean) => {
    const values = { 'security.enable_project_sharing': on };
    expect((await ask(request, house, token, 'Settings.Set', { values })).status()).toBe(200);
  };
  await allow(false);
  await expect(viewer).toBeHidden();
  await expect(greta.getByRole('treeitem', { name: /walls\.json/ })).toHaveCount(0);
  await expect(form).toBeHidden();
  await allow(true);
  await expect(greta.getByRole('treeitem', { name: /walls\.json/ })).toBeVisible();
  await form
    .getByRole('button', { name: t('ui.share.take_back_named', { ...named, name: 'greta' }) })
    .click();
  await expect(form.getByText(t('ui.share.nobody'))).toBeVisible();
  await expect(greta.getByRole('treeitem', { name: /walls\.json/ })).toHaveCount(0);
  await greta.goto(`${house.url}#/projects`);
  await expect(greta.getByRole('region', { name: t('ui.project.title'), exact: true })).toContainText(
    'project_default',
  );
  await expect(shared).toBeHidden();
  await context.close();
});
