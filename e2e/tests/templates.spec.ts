import { expect, test } from '@playwright/test';
import { accessible, fits } from '../support/access.ts';
import { installation } from '../support/installation.ts';
import { ask, enter, signedIn } from '../support/people.ts';
import { openScript, runButton } from '../support/script.ts';
import { header } from '../support/scripts.ts';
import { t } from '../support/texts.ts';

const parameters =
  '[{"name": "area", "type": "number", "label": "Area", "default": 1, "max": 50}, {"name": "word", "type": "string", "label": "Word"}]';
const house = installation({
  users: { otto: 'operator', dora: 'developer' },
  scripts: {
    'bench/job.py': `${header({ display_name: 'A job', interface: 'none', parameters })}print("done")\n`,
    'bench/examples/large.json': '{"name": {"en": "Large"}, "script": "job.py", "parameters": {"area": 40}}',
    'bench/examples/broken.json': '{\n  "script": "job.py",\n  oops\n}',
  },
});

// PRJ-5: parameters are saved under a name, fill the form, and what runs from them says so.
test('a template is saved, chosen, run, changed and deleted', async ({ page }) => {
  test.slow();
  await enter(page, house, 'otto');
  await openScript(page, house, 'bench/job', 'A job');
  const bar = page.getByRole('group', { name: t('ui.template.title') });
  const area = page.getByLabel('Area');
  const choice = bar.getByLabel(t('ui.template.one'), { exact: true });
  await area.fill('7');
  await bar.getByRole('button', { name: t('ui.template.save_as') }).press('Enter');
  const form = bar.getByRole('form', { name: t('ui.template.save_as') });
  await expect(form.getByLabel(t('ui.template.name'))).toBeFocused();
  await expect(form.getByText(t('ui.template.offer'))).toHaveCount(0); // an operator offers nothing
  await form.getByLabel(t('ui.template.name')).fill('Seven');
  await form.getByLabel(t('ui.template.name')).press('Enter');
  await expect(choice.locator('option:checked')).toHaveText('Seven');
  await accessible(page, 'a template');
  await fits(page, 'a template');

  await choice.selectOption('Large');
  await expect(area).toHaveValue('40');
  await choice.selectOption('Seven');
  await expect(area).toHaveValue('7');
  await runButton(page).click();
  await page.getByRole('tab', { name: new RegExp(t('ui.script.history')) }).click();
  await page.getByRole('tabpanel').getByRole('link').first().click();
  await expect(page.locator('dl.facts').first()).toContainText('Seven');

  await page.goBack();
  await page.goto(`${house.url}#/templates`);
  await page.getByRole('link', { name: 'Seven' }).click();
  await expect(choice.locator('option:checked')).toHaveText('Seven');
  await expect(area).toHaveValue('7');
  await area.fill('8');
  await expect(bar.getByText(t('ui.template.changed'))).toBeVisible();
  await bar.getByRole('button', { name: t('ui.template.save_values') }).click();
  await expect(bar.getByText(t('ui.template.changed'))).toHaveCount(0);
  await bar.getByRole('button', { name: t('ui.list.delete') }).click();
  await bar.getByRole('button', { name: t('ui.list.sure') }).click();
  await expect(choice.locator('option', { hasText: 'Seven' })).toHaveCount(0);
});

// PRJ-5: two writers are told, and both versions are to be had.
test('who saves a template that another saved meanwhile chooses between the two', async ({
  page,
  request,
}) => {
  const dora = await signedIn(request, house, 'dora');
  const saved = (await (
    await ask(request, house, dora, 'Templates.Save', {
      script_id: 'bench/job',
      name: 'Both',
      shared: true,
      parameters: { area: 2 },
    })
  ).json()) as { id: number; version: number };
  await enter(page, house, 'anna', `scripts/bench/job?template=${String(saved.id)}`);
  const bar = page.getByRole('group', { name: t('ui.template.title') });
  const area = page.getByLabel('Area');
  await expect(area).toHaveValue('2');
  await area.fill('3');
  const other = await ask(request, house, dora, 'Templates.Save', {
    id: saved.id,
    version: saved.version,
    name: 'Both',
    shared: true,
    parameters: { area: 4 },
  });
  expect(other.status()).toBe(200);
  await bar.getByRole('button', { name: t('ui.template.save_values') }).click();
  await expect(bar.getByRole('alert')).toContainText('dora');
  await expect(area).toHaveValue('3'); // what was typed stays
  await bar.getByRole('button', { name: t('ui.template.over') }).click();
  await expect(bar.getByRole('alert')).toHaveCount(0);
  await expect
    .poll(async () => {
      const now = await ask(request, house, dora, 'Templates.Get', { id: saved.id });
      return ((await now.json()) as { parameters: Record<string, unknown> }).parameters;
    })
    .toEqual({ area: 3 });
});

// PRJ-5: the page of templates has a way out of a conflict, too.
test('a conflict on the page of templates is settled there', async ({ page, request }) => {
  const dora = await signedIn(request, house, 'dora');
  const save = async (body: Record<string, unknown>) =>
    (await (await ask(request, house, dora, 'Templates.Save', body)).json()) as {
      id: number;
      version: number;
    };
  const one = await save({ script_id: 'bench/job', name: 'Page', shared: true, parameters: { area: 2 } });
  await enter(page, house, 'anna', 'templates');
  const row = page.getByRole('row').filter({ hasText: 'Page' });
  const form = page.getByRole('form', { name: t('ui.template.edit') });
  const name = form.getByLabel(t('ui.template.name'));
  const refused = async (theirs: string) => {
    await row.getByRole('button').first().click();
    const now = await ask(request, house, dora, 'Templates.Get', { id: one.id });
    const { version } = (await now.json()) as { version: number };
    await name.fill('Mine');
    await save({ id: one.id, version, name: theirs, shared: true });
    await form.getByRole('button', { name: t('ui.template.save') }).click();
    await expect(page.getByRole('alert')).toContainText('dora');
    await expect(name).toHaveValue('Mine');
  };
  await refused('Page two');
  await accessible(page, 'a conflict on the page of templates');
  await fits(page, 'a conflict on the page of templates');
  await page.getByRole('button', { name: t('ui.template.take', { user: 'dora' }) }).click();
  await expect(name).toHaveValue('Page two');
  await form.getByRole('button', { name: t('ui.action.cancel') }).click();
  await refused('Page three');
  await page.getByRole('button', { name: t('ui.template.over') }).click();
  await expect(form).toHaveCount(0);
  await expect(page.getByRole('link', { name: 'Mine' })).toBeVisible();
});

// PRJ-5: one that somebody deleted is let go of, and nothing fails for it.
test('a template that is deleted elsewhere leaves its values', async ({ page, request }) => {
  const dora = await signedIn(request, house, 'dora');
  const saved = await ask(request, house, dora, 'Templates.Save', {
    script_id: 'bench/job',
    name: 'Goes',
    shared: true,
    parameters: { area: 6 },
  });
  const { id } = (await saved.json()) as { id: number };
  await enter(page, house, 'otto', `scripts/bench/job?template=${String(id)}`);
  const bar = page.getByRole('group', { name: t('ui.template.title') });
  await expect(page.getByLabel('Area')).toHaveValue('6');
  await ask(request, house, dora, 'Templates.Delete', { id });
  await expect(bar.getByText(t('ui.template.gone', { name: 'Goes' }))).toBeVisible();
  await expect(page.getByLabel('Area')).toHaveValue('6');
  await runButton(page).click();
  await page.getByRole('tab', { name: new RegExp(t('ui.script.history')) }).click();
  await expect(page.getByRole('tabpanel').getByRole('link').first()).toBeVisible();
  await expect(page.getByRole('alert')).toHaveCount(0);
});

// PRJ-5, DIS-8: a broken example is told with file and line, to who can mend it.
test('a broken example is told with its line', async ({ page }) => {
  await enter(page, house, 'dora', 'scripts/bench/job');
  const bar = page.getByRole('group', { name: t('ui.template.title') });
  await expect(bar.getByText('examples/broken.json:3')).toBeVisible();
});
