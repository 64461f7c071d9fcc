import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { accessible, fits } from '../support/access.ts';
import { installation } from '../support/installation.ts';
import { ask, enter, signedIn } from '../support/people.ts';
import { openScript } from '../support/script.ts';
import { header } from '../support/scripts.ts';
import { type Language, languages, t } from '../support/texts.ts';

const parameters = '[{"name": "area", "type": "number", "label": "Area", "default": 1, "max": 50}]';
const job = (category: string) =>
  `${header({ display_name: 'A job', category, interface: 'none', parameters })}print("done")\n`;
const house = installation({
  users: { otto: 'operator', dora: 'developer' },
  scripts: { 'bench/job.py': job('heat'), 'bench/other.py': job('heat'), 'bench/types.py': job('heat') },
});

function tab(page: Page, language: Language = 'en') {
  return page.getByRole('tab', { name: t('ui.metadata.title', {}, language) });
}

function entry(page: Page, field: string) {
  return page.locator(`[data-field="${field}"]`);
}

async function open(page: Page, id: string, name = 'A job') {
  await openScript(page, house, id, name);
  await tab(page).click();
  await expect(entry(page, 'category')).toBeVisible();
}

const save = (page: Page) => page.getByRole('button', { name: t('ui.settings.save'), exact: true });

// DIS-5, ADM-5: each field tells its source; an edit is saved, seen at once, compared and taken back.
test('fields are edited, tell where they come from, and go back to the file', async ({ page }) => {
  test.slow();
  await enter(page, house, 'dora');
  await open(page, 'bench/job');
  const category = entry(page, 'category');
  await expect(category).toContainText(t('ui.metadata.source.header'));
  await category.getByRole('textbox').fill('cold');
  await entry(page, 'name').getByLabel('Français').fill('Un travail');
  await entry(page, 'flask_port').getByRole('textbox').fill('80');
  await expect(entry(page, 'flask_port').locator('.invalid-feedback')).toBeVisible(); // while one types
  await save(page).click();
  await expect(entry(page, 'flask_port').getByRole('textbox')).toBeFocused();
  await expect(category.getByRole('textbox')).toHaveValue('cold'); // nothing typed is lost
  await entry(page, 'flask_port').getByRole('textbox').fill('');
  await accessible(page, 'the metadata');
  await fits(page, 'the metadata');

  // Another tab, another page: what was typed is there again.
  await page.getByRole('tab', { name: t('ui.script.documentation') }).click();
  await page.goto(`${house.url}#/groups/bench`);
  await expect(page.getByRole('button', { name: t('ui.metadata.reread_all') })).toBeVisible();
  await open(page, 'bench/job');
  await expect(category.getByRole('textbox')).toHaveValue('cold');
  await page.keyboard.press('Control+s');
  await expect(category.locator('.source')).toHaveText(/Edited/);
  await expect(page.getByRole('region', { name: t('ui.settings.changes') })).toHaveCount(0);

  await page.getByRole('button', { name: t('ui.metadata.history') }).click();
  const history = page.getByRole('group', { name: t('ui.metadata.history') });
  await expect(history).toContainText('dora');
  await expect(history).toContainText('heat');
  await accessible(page, 'the history of the metadata');

  await category.getByRole('button', { name: t('ui.metadata.back') }).click();
  await expect(category.getByRole('textbox')).toHaveValue('heat');
  await history
    .getByRole('button', { name: t('ui.settings.back') })
    .last()
    .click();
  await expect(entry(page, 'name').locator('.source')).toHaveText(new RegExp(t('ui.metadata.source.header')));
  await expect(entry(page, 'name').getByLabel('Français')).toHaveValue('');
});

// DIS-5: parameters in a table, with the form as it will be beside it.
test('a parameter is added, given a condition, and shown in the form', async ({ page }) => {
  test.slow();
  await enter(page, house, 'dora');
  await open(page, 'bench/types');
  const table = entry(page, 'parameters');
  const live = page.getByRole('complementary', { name: t('ui.metadata.live') });
  await expect(live.getByLabel('Area')).toBeVisible();
  const add = table.getByRole('button', { name: t('ui.metadata.p.add'), exact: true });
  await add.click();
  const name = table.getByLabel(t('ui.metadata.p.name'), { exact: true });
  await expect(name).toBeFocused();
  await name.fill('kind');
  await table.getByLabel(t('ui.metadata.p.type'), { exact: true }).selectOption('select');
  // A list without options cannot be filled in.
  await expect(table.locator('.detail .invalid-feedback')).toBeVisible();
  for (const option of ['wall', 'pipe']) {
    await table.getByRole('button', { name: t('ui.metadata.p.add_option') }).click();
    await page.keyboard.type(option);
  }
  await expect(live.getByLabel('kind')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(table.locator('.detail')).toHaveCount(0);

  await table.getByRole('button', { name: 'area', exact: true }).click();
  await table.getByLabel(t('ui.metadata.p.add_condition')).selectOption('kind');
  await expect(table.getByLabel(t('ui.metadata.p.is', { name: 'kind' }))).toHaveValue('wall');
  await expect(live.getByLabel('Area')).toHaveCount(0);
  await live.getByLabel('kind').selectOption('wall');
  await expect(live.getByLabel('Area')).toBeVisible();
  await accessible(page, 'a parameter');

  await table.getByRole('button', { name: `${t('ui.metadata.p.up')}: kind` }).click();
  await save(page).click();
  await expect(table.locator('.source').first()).toHaveText(/Edited/);
  const form = page.getByRole('tab', { name: t('ui.script.documentation') });
  await form.click();
  await expect(page.getByLabel('kind')).toBeVisible();
  await expect(page.getByLabel('Area')).toHaveCount(0);
  await page.getByLabel('kind').selectOption('wall');
  await expect(page.getByLabel('Area')).toBeVisible();
});

// DIS-6: what changes under an edit is told at the field, from the file and from another person.
test('what changes while one edits is told', async ({ page }) => {
  await enter(page, house, 'dora');
  await open(page, 'bench/other');
  const category = entry(page, 'category');
  await category.getByRole('textbox').fill('mine');
  house.write('bench/other.py', job('of the file'));
  await expect(category.locator('.moved')).toContainText('of the file');
  await expect(category.getByRole('textbox')).toHaveValue('mine');

  const token = await signedIn(page.request, house);
  const theirs = { script_id: 'bench/other', values: { category: 'of anna' } };
  expect((await ask(page.request, house, token, 'Metadata.Set', theirs)).status()).toBe(200);
  await expect(category.locator('.moved')).toContainText('of anna');
  await category.getByRole('button', { name: t('ui.metadata.keep_mine') }).click();
  await expect(category.locator('.moved')).toHaveCount(0);
  await save(page).click();
  await expect(category.locator('.source')).toHaveText(/Edited/);
  await expect(page.getByRole('region', { name: t('ui.settings.changes') })).toHaveCount(0);
  await expect(category.getByRole('textbox')).toHaveValue('mine');
  await page.getByRole('button', { name: t('ui.metadata.reread') }).click();
  await expect(page.getByText(t('ui.metadata.reread_done', { count: 1 }))).toBeVisible();
  await expect(category.getByRole('textbox')).toHaveValue('mine');
});

test('who may not edit sees no editor', async ({ page }) => {
  await enter(page, house, 'otto');
  await openScript(page, house, 'bench/job', 'A job');
  await expect(tab(page)).toHaveCount(0);
});

for (const language of languages) {
  test(`the editor fits a small window, ${language}`, async ({ page }) => {
    test.slow();
    await page.setViewportSize({ width: 1024, height: 640 });
    await page.emulateMedia({ colorScheme: language === 'it' ? 'dark' : 'light' });
    const token = await signedIn(page.request, house, 'dora');
    await ask(page.request, house, token, 'Session.SetPreferences', { language });
    await enter(page, house, 'dora', 'scripts/bench/types', language);
    await tab(page, language).click();
    await expect(entry(page, 'category')).toBeVisible();
    await entry(page, 'parameters').locator('.name').first().click();
    await fits(page, `the metadata in ${language}`);
    await accessible(page, `the metadata in ${language}`);
    if (process.env['SM_SHOTS'])
      await page.screenshot({ path: join(process.env['SM_SHOTS'], `metadata-${language}.png`) });
  });
}
