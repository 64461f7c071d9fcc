import { expect, test } from '@playwright/test';
import { accessible, fits } from '../support/access.ts';
import { installation } from '../support/installation.ts';
import { enter } from '../support/people.ts';
import { task } from '../support/scripts.ts';
import { t } from '../support/texts.ts';

const house = installation({
  users: { otto: 'operator' },
  scripts: {
    'bench/task.py': task({ display_name: 'Short task' }, 'print("done")'),
    'bench/high.py': task({ display_name: 'High task', required_level: 'developer' }, 'print("done")'),
  },
});

// USR-3: what is set holds at once for whoever it is set for, and is explained.
test('an administrator denies and allows, in one go, and sees why', async ({ browser }) => {
  test.slow(); // two people, and axe
  const otto = await (await browser.newContext()).newPage();
  await enter(otto, house, 'otto', 'groups/bench');
  await expect(otto.getByText('Short task').first()).toBeVisible();
  await expect(otto.getByText('High task')).toHaveCount(0);

  const page = await (await browser.newContext()).newPage();
  await enter(page, house, 'anna', 'permissions');
  await page.getByRole('button', { name: t('ui.permissions.scripts_of', { name: 'Bench' }) }).click();
  const cell = (script: string) => page.getByRole('button', { name: new RegExp(`^${script}, otto: `) });
  await expect(cell('Short task')).toHaveAccessibleName(`Short task, otto: ${t('ui.permissions.allowed')}`);
  await expect(cell('High task')).toHaveAccessibleName(`High task, otto: ${t('ui.permissions.denied')}`);
  await accessible(page, 'permissions');
  await fits(page, 'permissions');

  await cell('High task').click();
  await page.getByRole('button', { name: t('ui.permissions.allow'), exact: true }).click();
  await expect(cell('High task')).toHaveAccessibleName(`High task, otto: ${t('ui.permissions.own_allowed')}`);
  await expect(otto.getByText('High task').first()).toBeVisible();
  await cell('Bench').click();
  await page.getByRole('button', { name: t('ui.permissions.deny'), exact: true }).click();
  await expect(cell('Short task')).toHaveAccessibleName(`Short task, otto: ${t('ui.permissions.denied')}`);
  await expect(otto.getByText('Short task')).toHaveCount(0);
  await expect(otto.getByText('High task').first()).toBeVisible();

  await page.getByLabel(t('ui.permissions.person')).selectOption('otto');
  const verdicts = page.getByRole('group', { name: t('ui.permissions.explain') });
  await expect(verdicts.getByRole('row').filter({ hasText: 'bench/task' })).toContainText(
    t('ui.permissions.own_denied'),
  );
  await accessible(page, 'permissions, explained');
  // All of a column at once, and taken back.
  await page.getByRole('button', { name: /^otto/ }).click();
  await page.getByRole('button', { name: t('ui.permissions.default'), exact: true }).click();
  await expect(cell('Short task')).toHaveAccessibleName(`Short task, otto: ${t('ui.permissions.allowed')}`);
  await expect(otto.getByText('Short task').first()).toBeVisible();
  await expect(otto.getByText('High task')).toHaveCount(0);
});
