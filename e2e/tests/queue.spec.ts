import { expect, test } from '@playwright/test';
import { installation } from '../support/installation.ts';
import { enter } from '../support/people.ts';
import { openScript, opensTab, runButton, runScript } from '../support/script.ts';
import { pageScript } from '../support/scripts.ts';
import { t } from '../support/texts.ts';

const house = installation({
  scripts: {
    'bench/one.py': pageScript({ display_name: 'First page' }),
    'bench/two.py': pageScript({ display_name: 'Second page' }),
  },
  config: { web_interface: { max_interfaces_per_user: 1 } },
});

// EXE-5
test('what is over the limit waits with its place, and its tab opens when there is room', async ({
  page,
}) => {
  await enter(page, house);
  await openScript(page, house, 'bench/one', 'First page');
  const first = await runScript(page);
  await openScript(page, house, 'bench/two', 'Second page');
  await runButton(page).click();
  const notice = page.getByRole('alert');
  await expect(notice).toContainText('max_interfaces_per_user');
  await notice.getByRole('button', { name: t('ui.queue.run') }).click();
  await expect(page.getByText(t('ui.queue.badge', { place: 1 })).first()).toBeVisible();
  await expect(notice).toHaveCount(0);

  const second = await opensTab(page, () => first.page.close());
  await expect(second.frame.getByRole('heading', { name: 'Page of project_default' })).toBeVisible();
  await second.page.close();
  await expect.poll(() => house.leases()).toEqual([]);
});
