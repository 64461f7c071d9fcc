import { expect, test, type Page } from '@playwright/test';
import { accessible, fits } from '../support/access.ts';
import { admin, installation } from '../support/installation.ts';
import { enter } from '../support/people.ts';
import { task } from '../support/scripts.ts';
import { t } from '../support/texts.ts';

const house = installation({
  users: { otto: 'operator', dora: 'developer' },
  scripts: {
    'bench/alpha.py': task({ display_name: 'Alpha' }, 'print("alpha runs")\nprint("the end of alpha")'),
    'bench/beta.py': task({ display_name: 'Beta' }, 'raise SystemExit(3)'),
    'bench/gamma.py': task({ display_name: 'Gamma' }, 'import time; time.sleep(2)'),
  },
});

test.use({ viewport: { width: 1024, height: 640 }, reducedMotion: 'reduce' });

const rows = (page: Page) => page.getByRole('table').locator('tbody tr');
const scripts = (page: Page) => page.getByRole('table').locator('tbody td.what');
const select = (page: Page, label: string) => page.getByLabel(t(label), { exact: true });
const heading = (page: Page, label: string) =>
  page.getByRole('columnheader').getByRole('button', { name: t(label), exact: true });

async function ran(...ids: string[]) {
  for (const id of ids) {
    const run = house.cli(['run', `bench/${id}`, '--as', 'otto', '--wait', 'end']);
    await (id === 'beta' ? run.catch(() => undefined) : run); // Beta fails, and so does the command
  }
}

// LOG-4: any filters together, any order, all of it in the address.
test('the list is filtered and sorted, and its address shows the same again', async ({ page }) => {
  await ran('alpha', 'beta', 'gamma');
  const took = await house.cli<{ script_id: string; duration_ms: number }[]>(['execution', 'list']);
  took.sort((one, two) => two.duration_ms - one.duration_ms);
  const names: Record<string, string> = {
    'bench/alpha': 'Alpha',
    'bench/beta': 'Beta',
    'bench/gamma': 'Gamma',
  };
  const longest = took.map(({ script_id }) => names[script_id] ?? '');
  expect(longest).toHaveLength(3);
  await enter(page, house, 'otto', 'executions');
  await expect(scripts(page)).toHaveText(['Gamma', 'Beta', 'Alpha']);

  await heading(page, 'ui.execution.script').click();
  await expect(scripts(page)).toHaveText(['Alpha', 'Beta', 'Gamma']);
  await expect(page.getByRole('columnheader', { name: t('ui.execution.script') })).toHaveAttribute(
    'aria-sort',
    'ascending',
  );
  await heading(page, 'ui.execution.duration').click();
  await expect(scripts(page)).toHaveText(longest);
  await heading(page, 'ui.execution.duration').click();
  await expect(scripts(page)).toHaveText([...longest].reverse());

  await page.getByRole('button', { name: t('ui.list.more_filters') }).click();
  const least = String((took[0]?.duration_ms ?? 0) / 1000);
  await select(page, 'ui.list.longer').fill(least);
  await select(page, 'ui.list.longer').press('Tab');
  await expect(page.getByText(t('ui.executions.no_match'))).toBeVisible();
  await page.getByLabel(t('ui.list.unit_of', { label: t('ui.list.longer') })).selectOption('1');
  await expect(scripts(page)).toHaveText(longest.slice(0, 1));
  await accessible(page, 'filtered executions');
  await fits(page, 'filtered executions');
  expect(page.url()).toContain(`min=${least}`);

  await page.reload();
  await expect(scripts(page)).toHaveText(longest.slice(0, 1));
  await page.goBack();
  await expect(page.getByText(t('ui.executions.no_match'))).toBeVisible();
  await page.getByRole('button', { name: t('ui.action.clear_filters') }).click();
  await expect(rows(page)).toHaveCount(3);

  await page.getByRole('button', { name: t('ui.executions.failed'), exact: true }).click();
  await expect(scripts(page)).toHaveText(['Beta']);
  await page.getByRole('button', { name: t('ui.list.more_filters') }).click();
  await select(page, 'ui.list.to').fill('2001-01-01');
  await expect(page.getByText(t('ui.executions.no_match'))).toBeVisible();
  // The log search takes the same filters.
  await page.getByRole('searchbox', { name: t('ui.logsearch.label') }).fill('alpha');
  await expect(page.getByText(t('ui.logsearch.none'), { exact: true })).toBeVisible();
  await page.goBack();
  await select(page, 'ui.list.to').fill('');
  await expect(scripts(page)).toHaveText(['Beta']);
});

test('filters are saved under a name, chosen again, renamed and deleted', async ({ page }) => {
  await ran('alpha', 'beta');
  await enter(page, house, 'otto', 'executions?state=failed&sort=script&order=asc');
  await expect(scripts(page).first()).toHaveText('Beta');
  const saved = page.getByRole('button', { name: t('ui.saved.title') });
  await saved.click();
  await page.getByLabel(t('ui.saved.name')).fill('Bad ones');
  await page.getByRole('button', { name: t('ui.saved.save'), exact: true }).click();
  await expect(page.getByRole('button', { name: 'Bad ones', exact: true })).toBeVisible();
  await accessible(page, 'saved filters');
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: t('ui.executions.completed'), exact: true }).click();
  await expect(scripts(page).first()).not.toHaveText('Beta');
  await saved.click();
  await page.getByRole('button', { name: 'Bad ones', exact: true }).click();
  await expect(scripts(page).first()).toHaveText('Beta');
  expect(page.url()).toContain('state=failed');

  await saved.click();
  await page.getByRole('button', { name: t('ui.saved.rename_one', { name: 'Bad ones' }) }).click();
  await page.getByLabel(t('ui.saved.name')).fill('Failed ones');
  await page
    .getByRole('button', { name: t('ui.saved.rename'), exact: true })
    .last()
    .click();
  await expect(page.getByRole('button', { name: 'Failed ones', exact: true })).toBeVisible();
  await page.getByRole('button', { name: t('ui.saved.delete_one', { name: 'Failed ones' }) }).click();
  await page.getByRole('button', { name: t('ui.saved.sure_one', { name: 'Failed ones' }) }).click();
  await expect(page.getByText(t('ui.saved.none'))).toBeVisible();
});

// LOG-7: several are chosen, also by keyboard, and deleted when that was confirmed.
test('executions are chosen and deleted with their logs', async ({ page }) => {
  await ran('alpha', 'alpha', 'alpha');
  await enter(page, house, 'otto', 'executions?script=bench%2Falpha');
  const boxes = page.getByRole('checkbox', { name: t('ui.list.choose', { script: 'Alpha' }) });
  await expect(boxes.first()).toBeVisible();
  const before = await boxes.count();
  await boxes.first().focus();
  await page.keyboard.press('Shift+ArrowDown');
  await expect(page.getByText(t('ui.list.chosen', { count: 2 }))).toBeVisible();
  await accessible(page, 'chosen executions');
  await fits(page, 'chosen executions');
  await page.keyboard.press('Delete');
  await expect(page.getByText(t('ui.list.delete_sure', { count: 2 }))).toBeVisible();
  await page.getByRole('button', { name: t('ui.list.delete_now') }).click();
  await expect(page.getByText(t('ui.list.deleted', { count: 2 }))).toBeVisible();
  await expect(rows(page)).toHaveCount(before - 2);
  await expect(page.getByRole('region', { name: t('ui.nav.executions'), exact: true })).toBeFocused();

  // The lines of the deleted ones are not found any more.
  await page.getByRole('searchbox', { name: t('ui.logsearch.label') }).fill('"the end of alpha"');
  await expect(page.getByText(t('ui.logsearch.found', { count: before - 2 }))).toBeVisible();
});

test('the last lines are looked at in the list', async ({ page }) => {
  await ran('alpha');
  await enter(page, house, 'otto', 'executions?script=bench%2Falpha');
  await page
    .getByRole('button', { name: t('ui.list.preview_script', { script: 'Alpha' }) })
    .first()
    .click();
  await expect(page.getByRole('list', { name: t('ui.list.preview') })).toContainText('the end of alpha');
});

test('an administrator chooses whose executions are listed', async ({ page }) => {
  await ran('alpha');
  await enter(page, house, admin, 'executions');
  await expect(page.getByText(t('ui.executions.none'), { exact: true })).toBeVisible();
  await select(page, 'ui.execution.user').selectOption('otto');
  await expect(scripts(page).first()).toHaveText('Alpha');
  await select(page, 'ui.execution.user').selectOption('dora');
  await expect(page.getByText(t('ui.executions.none'), { exact: true })).toBeVisible();
  await select(page, 'ui.execution.user').selectOption('*');
  await heading(page, 'ui.execution.user').click();
  await expect(scripts(page).first()).toBeVisible();
});

// LOG-10: bookmarks and notes are one's own; administrators share with developers.
test('an execution is bookmarked, noted and shared', async ({ page, browser }) => {
  await ran('alpha');
  const [newest] = await house.cli<{ id: string }[]>(['execution', 'list']);
  const id = newest?.id ?? '';
  await enter(page, house, 'otto', `executions/${id}`);
  await page.getByRole('button', { name: t('ui.marks.bookmark'), exact: true }).click();
  await expect(page.getByRole('button', { name: t('ui.marks.bookmark'), exact: true })).toHaveAttribute(
    'aria-pressed',
    'true',
  );
  await page.getByLabel(t('ui.marks.note')).fill('look at the pump');
  await page.getByRole('button', { name: t('ui.marks.keep_note') }).click();
  await expect(page.getByRole('button', { name: t('ui.marks.keep_note') })).toHaveCount(0);
  await page.getByRole('tab', { name: t('ui.timeline.title') }).click();
  await expect(page.getByRole('row', { name: t('ui.timeline.phase.running') })).toBeVisible();
  await accessible(page, 'an execution with a note');
  await fits(page, 'an execution with a note');

  // What has a bookmark is left where it is chosen for deletion.
  await page.goto(`${house.url}#/executions?only=bookmarked`);
  await expect(rows(page)).toHaveCount(1);
  await page.getByRole('checkbox', { name: t('ui.list.choose', { script: 'Alpha' }) }).check();
  await page.getByRole('button', { name: t('ui.list.delete'), exact: true }).click();
  await page.getByRole('button', { name: t('ui.list.delete_now') }).click();
  await expect(page.getByText(t('error.bookmarked'))).toBeVisible();
  await expect(rows(page)).toHaveCount(1);
  await expect(page.getByRole('button', { name: t('ui.list.delete'), exact: true })).toBeFocused();

  const hers = await browser.newContext();
  const developer = await hers.newPage();
  await enter(developer, house, 'dora', 'executions?only=shared');
  await expect(developer.getByText(t('ui.executions.no_match'))).toBeVisible();
  const his = await browser.newContext();
  const administrator = await his.newPage();
  await enter(administrator, house, admin, `executions/${id}`);
  await administrator.getByRole('button', { name: t('ui.marks.share') }).click();
  await expect(administrator.getByText(t('ui.marks.shared_by', { user: admin }))).toBeVisible();
  await developer.reload();
  await expect(scripts(developer)).toHaveText(['Alpha']);
  await developer.goto(`${house.url}#/executions/${id}`);
  await expect(developer.getByText('the end of alpha')).toBeVisible();
  await expect(developer.getByLabel(t('ui.marks.note'))).toHaveValue('');
  await Promise.all([hers.close(), his.close()]);
});
