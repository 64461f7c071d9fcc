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
    'bench/pump.py': `${header({ display_name: 'Pump', interface: 'none', tags: 'heat, water' })}print("done")\n`,
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
