import { expect, test } from '@playwright/test';
import { admin, installation } from '../support/installation.ts';
import { log } from '../support/log.ts';
import { enter } from '../support/people.ts';
import { task } from '../support/scripts.ts';
import { t } from '../support/texts.ts';

const failing = `
print("first of all")
def read():
    return {}["pressure"]
try:
    read()
except KeyError as e:
    raise RuntimeError("no value of the pump") from e
`;

const house = installation({
  scripts: { 'bench/failing.py': task({ display_name: 'Failing' }, failing) },
});

/** Runs a script to its end. */
async function run(id: string): Promise<string> {
  const { execution_id } = await house.cli<{ execution_id: string }>(['run', id, '--as', admin]);
  await expect.poll(async () => (await house.execution(execution_id)).state).toMatch(/completed|failed/);
  return execution_id;
}

test('a chain of tracebacks is one row with its last sentence, and is opened by click, key and search', async ({
  page,
}) => {
  await enter(page, house, admin, `executions/${await run('bench/failing')}`);
  const last = log(page).locator('.line', { hasText: 'RuntimeError: no value of the pump' });
  await expect(last).toContainText('failing.py:');
  await expect(log(page).getByText('first of all')).toBeVisible();
  await expect(log(page).getByText('Traceback (most recent call last):')).toHaveCount(0);
  await last.getByTitle(t('ui.log.unfold')).click();
  const heads = log(page).getByText('Traceback (most recent call last):');
  await expect(heads).toHaveCount(2);
  await expect(heads.first()).toBeVisible();
  // The script's own line stands out.
  await expect(log(page).locator('.mine').last()).toContainText('failing.py", line');
  await log(page).focus();
  await page.keyboard.press('Enter');
  await expect(heads).toHaveCount(0);
  await page.getByRole('searchbox', { name: t('ui.log.search') }).fill('KeyError');
  await expect(page.getByText(t('ui.log.match', { position: '–', total: '1' }))).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(log(page).getByText("KeyError: 'pressure'")).toBeVisible();
  await expect(heads).toHaveCount(2);
});
