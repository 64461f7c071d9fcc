import { expect, test } from '@playwright/test';
import { installation } from '../support/installation.ts';
import { signIn } from '../support/people.ts';
import { openScript, runScript } from '../support/script.ts';
import { pageScript } from '../support/scripts.ts';
import { t } from '../support/texts.ts';

const house = installation({
  scripts: { 'bench/idle.py': pageScript({ display_name: 'Idle', execution_timeout: '100' }) },
});

// WIN-4: the warning comes as a banner over the page with a countdown; "Keep running" takes it back.
test('a page that nobody uses warns in its tab and is kept running', async ({ page }) => {
  test.setTimeout(300_000); // the warning alone comes after most of a minute, and leaves as long to act
  await page.goto(house.url);
  await signIn(page);
  await openScript(page, house, 'bench/idle', 'Idle');
  const tab = await runScript(page);
  await expect(tab.frame.getByRole('heading', { name: 'Page of project_default' })).toBeVisible();
  const banner = tab.page.getByRole('region', { name: t('ui.warning.region') });
  await expect(banner).toBeHidden();

  // Nobody does anything: the banner comes by itself half of the limit before the end.
  await expect(banner).toBeVisible({ timeout: 95_000 });
  await expect(banner.getByRole('timer')).toContainText(/\d+ s/);
  // The main page tells of it, too, as long as it is so.
  const told = page.getByText(t('ui.warning.soon', { script: 'Idle' }));
  await expect(told).toBeVisible();
  await banner.getByRole('button', { name: t('ui.warning.keep') }).click();
  await expect(banner).toBeHidden();
  expect((await house.execution(tab.id)).state).toBe('running');
  await expect(told).toHaveCount(0);
  await tab.page.close();
  await expect.poll(async () => (await house.execution(tab.id)).state).toBe('completed');
});
