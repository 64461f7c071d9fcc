import { expect, test } from '@playwright/test';
import { accessible, fits } from '../support/access.ts';
import { installation } from '../support/installation.ts';
import { enter } from '../support/people.ts';
import { openScript } from '../support/script.ts';
import { header } from '../support/scripts.ts';
import { t } from '../support/texts.ts';

const house = installation({
  users: { otto: 'operator', dora: 'developer' },
  scripts: {
    'bench/pump.py': `${header({ display_name: 'Pump', interface: 'none', tags: 'heat, water', description_long: 'docs/pump.md' })}print("done")\n`,
    'bench/docs/pump.md': '# About\n\nWhere **cavitación** begins.\n',
    'bench/closed.py': `${header({ display_name: 'Closed', interface: 'none', required_level: 'admin', tags: 'heat, hush' })}print("done")\n`,
    'bench/fan.py': `${header({ display_name: 'Fan', interface: 'none', tags: 'heat, thermal' })}print("done")\n`,
  },
});

// TAG-1: own tags are added and removed by keyboard, with suggestions, and what is wrong is said at the field.
test('tags are given to a script and taken away by keyboard, and nobody else sees them', async ({
  page,
  browser,
}) => {
  await enter(page, house, 'otto');
  await openScript(page, house, 'bench/pump', 'Pump');
  const tags = page.getByRole('group', { name: t('ui.tag.title') });
  const add = tags.getByRole('button', { name: t('ui.tag.add') });
  const field = tags.getByRole('combobox', { name: t('ui.tag.new') });
  await add.press('Enter');
  await expect(field).toBeFocused();
  await expect(field).toHaveAccessibleDescription(/30/);
  await field.pressSequentially('two words');
  await expect(tags.getByRole('alert')).toContainText('two_words');
  await accessible(page, 'a wrong tag');
  await field.fill('HEAT');
  await field.press('Enter');
  await expect(tags.getByRole('alert')).toContainText('HEAT'); // the script has it
  await field.fill('mine');
  await field.press('Enter');
  await expect(tags.getByRole('button', { name: t('ui.tag.remove', { name: 'mine' }) })).toBeVisible();
  await expect(field).toHaveValue('');

  await field.pressSequentially('therm');
  const offered = tags.getByRole('option');
  await expect(offered.first()).toHaveText('thermal');
  await fits(page, 'tags that are offered');
  await field.press('ArrowDown');
  await expect(offered.first()).toHaveAttribute('aria-selected', 'true');
  await field.press('Enter');
  await expect(tags.getByRole('button', { name: t('ui.tag.remove', { name: 'thermal' }) })).toBeVisible();
  await field.press('Escape');
  await expect(add).toBeFocused();
  await accessible(page, 'own tags');

  // Another window of the same person, and one of somebody else.
  const second = await browser.newPage();
  await enter(second, house, 'otto');
  await openScript(second, house, 'bench/pump', 'Pump');
  const there = second.getByRole('group', { name: t('ui.tag.title') });
  await expect(there).toContainText('mine');
  const stranger = await browser.newPage();
  await enter(stranger, house, 'dora');
  await openScript(stranger, house, 'bench/pump', 'Pump');
  await expect(stranger.getByRole('group', { name: t('ui.tag.title') })).toContainText('water');
  await expect(stranger.getByText('mine')).toHaveCount(0);

  await tags.getByRole('button', { name: t('ui.tag.remove', { name: 'mine' }) }).press('Enter');
  await expect(tags.getByRole('button', { name: t('ui.tag.remove', { name: 'thermal' }) })).toBeFocused();
  await expect(there.getByText('mine')).toHaveCount(0);
  await page.goto(`${house.url}#/groups/bench`);
  await expect(page.getByRole('link', { name: /Pump/ })).toContainText('thermal');
});

// UI-3, UI-6, TAG-2: what no name says is found in the group, on the page of all scripts and in the palette.
test('scripts are found by their documentation, tags and names, with where', async ({ page }) => {
  await enter(page, house, 'otto');
  await page.goto(`${house.url}#/groups/bench`);
  const field = page.getByLabel(t('ui.group.filter'));
  await field.fill('CAVITACION heat');
  const list = page.getByRole('region', { name: t('ui.group.list') });
  await expect(list.getByRole('link')).toHaveCount(1);
  await expect(list.getByRole('link')).toContainText('Pump');
  await expect(list.locator('mark', { hasText: 'cavitación' })).toBeVisible();
  await accessible(page, 'a group that is searched');
  await fits(page, 'a group that is searched');
  await field.fill('hush');
  await expect(page.getByText(t('ui.group.no_match'))).toBeVisible(); // it may not be seen
  await page.getByRole('button', { name: t('ui.action.clear_filters') }).click();
  await expect(list.getByRole('link')).toHaveCount(2);

  await page.keyboard.press('Control+k');
  await page.keyboard.type('cavitacion');
  const found = page.getByRole('option');
  await expect(found).toHaveCount(1);
  await expect(found).toContainText('cavitación');
  await accessible(page, 'the palette with a place');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'Pump' })).toBeVisible();
});

// TAG-2: scripts that have all, or any, of the tags; the choice stands in the address.
test('scripts are chosen by tags, and an own tag is renamed on all of them', async ({ page }) => {
  await enter(page, house, 'otto');
  for (const [id, name, tag] of [
    ['bench/pump', 'Pump', 'first'],
    ['bench/fan', 'Fan', 'second'],
  ] as const) {
    await openScript(page, house, id, name);
    await page.getByRole('button', { name: t('ui.tag.add') }).click();
    await page.getByRole('combobox', { name: t('ui.tag.new') }).fill(tag);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('button', { name: t('ui.tag.remove', { name: tag }) })).toBeVisible();
  }
  await page.goto(`${house.url}#/scripts`);
  const list = page.getByRole('region', { name: t('ui.group.list') });
  const cloud = page.getByRole('group', { name: t('ui.tag.filter') });
  await cloud.getByRole('button', { name: /^first/ }).click();
  await expect(list.getByRole('link')).toHaveCount(1);
  await cloud.getByRole('button', { name: /^second/ }).click();
  await expect(page.getByText(t('ui.group.no_match'))).toBeVisible();
  await page.getByLabel(t('ui.tag.combine')).selectOption('any');
  await expect(list.getByRole('link')).toHaveCount(2);
  await page.reload();
  await expect(list.getByRole('link')).toHaveCount(2);
  await expect(cloud.getByRole('button', { name: /^first/ })).toHaveAttribute('aria-pressed', 'true');
  await accessible(page, 'all scripts');
  await fits(page, 'all scripts');

  const mine = page.getByRole('region', { name: t('ui.tag.mine') });
  await mine.getByRole('button', { name: t('ui.tag.mine') }).click();
  await mine.getByRole('button', { name: t('ui.tag.rename', { name: 'first' }) }).press('Enter');
  const name = mine.getByLabel(t('ui.tag.rename', { name: 'first' })).getByRole('textbox');
  await expect(name).toBeFocused();
  await name.fill('a b');
  await expect(mine.getByText('a_b')).toBeVisible();
  await name.fill('second');
  await expect(mine.getByText(t('ui.tag.merges', { name: 'second' }))).toBeVisible();
  await accessible(page, 'an own tag that is renamed');
  await name.press('Enter');
  await expect(mine.getByRole('button', { name: t('ui.tag.rename', { name: 'second' }) })).toBeFocused();
  await page.goto(`${house.url}#/scripts?tag=second`);
  await expect(list.getByRole('link')).toHaveCount(2);
});
