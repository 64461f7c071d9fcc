import { expect, test } from '@playwright/test';
import { accessible, fits } from '../support/access.ts';
import { installation } from '../support/installation.ts';
import { enter } from '../support/people.ts';
import { task } from '../support/scripts.ts';
import { t } from '../support/texts.ts';

const house = installation({
  users: { otto: 'operator' },
  scripts: {
    'bench/alpha.py': task({ display_name: 'Alpha' }, 'print("alpha runs")'),
    'bench/beta.py': task({ display_name: 'Beta' }, 'raise SystemExit(3)'),
  },
});

test.use({ viewport: { width: 1024, height: 640 }, reducedMotion: 'reduce' });

// LOG-9: figures, trend and most used, of a period that stands in the address.
test('statistics count what ran, and a script shows its last thirty days', async ({ page }) => {
  await enter(page, house, 'otto', 'statistics');
  await expect(page.getByText(t('ui.statistics.none'), { exact: true })).toBeVisible();
  await accessible(page, 'statistics of nothing');

  for (const id of ['alpha', 'alpha', 'beta']) {
    const run = house.cli(['run', `bench/${id}`, '--as', 'otto', '--wait', 'end']);
    await (id === 'beta' ? run.catch(() => undefined) : run); // Beta fails, and so does the command
  }
  await page.reload();
  const scripts = page.getByRole('table', { name: t('ui.statistics.scripts') }).locator('tbody tr');
  await expect(scripts).toHaveCount(2);
  await expect(scripts.first()).toContainText('Alpha');
  await expect(scripts.first().getByRole('cell').first()).toHaveText('2');
  await expect(page.getByRole('definition').filter({ hasText: '67%' })).toBeVisible();
  await page.getByRole('button', { name: t('ui.statistics.all'), exact: true }).click();
  await expect(page).toHaveURL(/days=0/);
  await expect(scripts).toHaveCount(2);
  await accessible(page, 'statistics');
  await fits(page, 'statistics');
  await page.screenshot({ path: test.info().outputPath('light.png'), fullPage: true });

  await scripts.first().getByRole('link').click();
  const strip = page.getByRole('region', { name: t('ui.statistics.own_days') });
  await expect(strip.getByRole('listitem')).toHaveCount(30);
  await expect(strip.getByRole('listitem').last()).toContainText(t('ui.executions.completed'));
  await accessible(page, 'a script with its days');
});
