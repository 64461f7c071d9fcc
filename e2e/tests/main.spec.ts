import { expect, test } from '@playwright/test';
import { admin, installation } from '../support/installation.ts';
import { enter, signIn } from '../support/people.ts';
import { runs } from '../support/processes.ts';
import { openScript, opensTab, runButton, runScript } from '../support/script.ts';
import { pageScript, task } from '../support/scripts.ts';
import { pattern, t } from '../support/texts.ts';

const house = installation({
  samples: true,
  scripts: {
    'bench/page.py': pageScript({ display_name: 'Plain page' }),
    'bench/stubborn.py': pageScript(
      { display_name: 'Stubborn' },
      'signal.signal(signal.SIGTERM, signal.SIG_IGN)\n',
    ),
    'bench/broken.py': `${pageScript({ display_name: 'Broken' })}\ndef half(:\n`,
    'bench/lacking.py': pageScript({ display_name: 'Lacking' }, 'import no_such_module_at_all\n'),
    'bench/task.py': task({ display_name: 'Short task' }, 'print("done with it")'),
    'bench/failing.py': task({ display_name: 'Failing task' }, 'print("before")\nsys.exit(3)'),
  },
});

const thermal = 'Heat transfer through a wall';

test('from signing in to a result in the script’s page, and closing its tab ends it', async ({ page }) => {
  await page.goto(house.url);
  await signIn(page);
  await expect(page.getByRole('heading', { level: 1, name: t('ui.nav.dashboard') })).toBeVisible();

  await page
    .getByRole('navigation', { name: t('ui.nav.main') })
    .getByRole('link', { name: 'Thermal analysis' })
    .click();
  await expect(page.getByRole('heading', { level: 1, name: 'Thermal analysis' })).toBeVisible();
  await page.getByRole('link', { name: thermal }).click();
  await expect(page.getByRole('heading', { level: 1, name: thermal })).toBeVisible();

  // What is wrong is said at the field while typing, and nothing runs.
  const inside = page.getByLabel('Inside temperature (°C)');
  await inside.fill('4000');
  await expect(inside).toHaveAttribute('aria-invalid', 'true');
  await expect(page.locator('[data-parameter="inside_temperature"] .invalid-feedback')).toContainText('3');
  await inside.fill('25');
  await expect(inside).not.toHaveAttribute('aria-invalid', 'true');

  // The exact command line can be unfolded.
  await page.getByText(t('ui.script.command'), { exact: true }).click();
  await expect(page.locator('pre').filter({ hasText: 'heat_transfer.py' })).toContainText(
    '--inside_temperature=25',
  );

  const tab = await runScript(page);
  await expect(tab.frame.getByRole('heading', { name: thermal }).first()).toBeVisible();
  await expect(tab.page).toHaveTitle(`${thermal} – project_default – ${admin}`);
  const before = await house.execution(tab.id);
  expect(before.state).toBe('running');
  expect(runs(before.pid)).toBe(true);
  expect(await house.leases()).toContain(before.port);

  // Its page has what was typed into the form, and is really used.
  await expect(tab.frame.locator('#inside_temperature')).toHaveValue('25');
  await tab.frame.locator('#inside_temperature').fill('80');
  await tab.frame.locator('#outside_temperature').fill('20');
  const flow = tab.frame.locator('.figures dd').nth(2);
  const first = await flow.innerText();
  await tab.frame.locator('.actions button[value="calculate"]').click();
  await expect(flow).not.toHaveText(first);
  await expect(tab.frame.locator('svg.plot').first()).toBeVisible();

  // The frame behind says that it runs.
  await expect(page.getByRole('button', { name: t('ui.running.count', { count: 1 }) })).toBeVisible();

  await tab.page.close();
  await expect.poll(() => runs(before.pid), { timeout: 15_000, message: 'the script’s process' }).toBe(false);
  // Closing its window is how a page is meant to end: the run counts as completed.
  await expect.poll(async () => (await house.execution(tab.id)).state).toBe('completed');
  expect((await house.execution(tab.id)).reason).toBe('window_closed');
  await expect.poll(() => house.leases()).toEqual([]);

  // The page hears of it without being loaded again.
  await page.getByRole('tab', { name: t('ui.script.history') }).click();
  const row = page.getByRole('tabpanel').getByRole('row').nth(1);
  await expect(row).toContainText(t('state.completed'));
  await expect(row).toContainText(t('reason.window_closed'));
  await expect(page.getByRole('button', { name: t('ui.running.count', { count: 0 }) })).toBeVisible();
});

test('loading the tab again keeps the script, the tab’s tools work, and Stop ends it', async ({ page }) => {
  await enter(page, house);
  await openScript(page, house, 'bench/page', 'Plain page');
  const tab = await runScript(page);
  await expect(tab.frame.getByRole('heading', { name: 'Page of project_default' })).toBeVisible();
  const { pid } = await house.execution(tab.id);

  for (let i = 0; i < 3; i++) {
    await tab.page.reload();
    await expect(tab.frame.getByRole('heading', { name: 'Page of project_default' })).toBeVisible();
  }
  expect(runs(pid)).toBe(true);
  expect((await house.execution(tab.id)).state).toBe('running');

  // The script's page is of another origin: it reaches nothing of ours.
  await expect(tab.frame.locator('#parent')).toHaveText('SecurityError');

  const tools = tab.page.getByRole('toolbar', { name: t('ui.window.tools') });
  await tools.getByRole('button', { name: t('ui.window.log') }).click();
  await expect(tab.page.getByText('listening', { exact: true })).toBeVisible();
  await expect(tab.page.locator('iframe')).toBeHidden();
  await tools.getByRole('button', { name: t('ui.window.log') }).click();
  await expect(tab.frame.getByRole('heading', { name: 'Page of project_default' })).toBeVisible();
  await expect(tools.getByRole('link', { name: t('ui.window.own_tab') })).toHaveAttribute(
    'href',
    /^http:\/\/127\.0\.0\.1:\d+/,
  );

  // A second run in the same project shows the tab that is there.
  await runButton(page).click();
  await expect(runButton(page)).toBeEnabled();
  expect(
    (await house.executions()).filter((e) => e.script_id === 'bench/page' && e.state === 'running'),
  ).toHaveLength(1);

  await tools.getByRole('button', { name: t('ui.run.stop') }).click();
  await expect(
    tab.page.getByRole('heading', { name: t('ui.window.terminated', { script: 'Plain page' }) }),
  ).toBeVisible();
  await expect.poll(() => runs(pid)).toBe(false);
  await expect(tab.page.getByText(t('reason.stopped', { user: admin }))).toBeVisible();

  // From there it runs again, in the same tab.
  await tab.page.getByRole('button', { name: t('ui.run.again') }).click();
  await expect(tab.frame.getByRole('heading', { name: 'Page of project_default' })).toBeVisible();
  const again = new URL(tab.page.url()).hash.split('/').pop() ?? '';
  expect(again).not.toBe(tab.id);
  const second = await house.execution(again);
  await tab.page.close();
  await expect.poll(() => runs(second.pid), { timeout: 15_000 }).toBe(false);
});

test('a script that does not heed being asked is killed: by the clock, or at once', async ({ page }) => {
  await enter(page, house);
  await openScript(page, house, 'bench/stubborn', 'Stubborn');
  const tab = await runScript(page);
  await expect(tab.frame.getByRole('heading')).toBeVisible();
  const first = await house.execution(tab.id);
  const tools = tab.page.getByRole('toolbar', { name: t('ui.window.tools') });
  await tools.getByRole('button', { name: t('ui.run.stop') }).click();
  const kill = tools.getByRole('button', { name: t('ui.run.kill') });
  await expect(kill).toBeVisible();
  await expect(kill).toHaveText(/[1-4] s/);
  expect(runs(first.pid)).toBe(true);
  await expect.poll(() => runs(first.pid), { timeout: 15_000, message: 'killed by the clock' }).toBe(false);
  await expect(tab.page.getByText(t('reason.stopped', { user: admin }))).toBeVisible();

  await tab.page.getByRole('button', { name: t('ui.run.again') }).click();
  await expect(tab.frame.getByRole('heading')).toBeVisible();
  const second = await house.execution(new URL(tab.page.url()).hash.split('/').pop() ?? '');
  await tools.getByRole('button', { name: t('ui.run.stop') }).click();
  const started = Date.now();
  await tools.getByRole('button', { name: t('ui.run.kill') }).click();
  await expect.poll(() => runs(second.pid), { intervals: [50] }).toBe(false);
  expect(Date.now() - started, 'long before the grace ends').toBeLessThan(3_500);
});

test('a script that Python cannot read says which line to correct', async ({ page }) => {
  await enter(page, house);
  await openScript(page, house, 'bench/broken', 'Broken');
  const tab = await runScript(page);
  await expect(
    tab.page.getByRole('heading', { name: t('ui.window.failed', { script: 'Broken' }) }),
  ).toBeVisible();
  await expect(tab.page.getByText(pattern('error.script_syntax', { script: 'bench/broken' }))).toBeVisible();
  await expect(tab.page.getByText('def half(:')).toBeVisible();
  // Corrected on the disk, it runs by the button that is there.
  house.write('bench/broken.py', pageScript({ display_name: 'Broken' }));
  await tab.page.getByRole('button', { name: t('ui.run.again') }).click();
  await expect(tab.frame.getByRole('heading', { name: 'Page of' })).toBeVisible();
  const { pid } = await house.execution(new URL(tab.page.url()).hash.split('/').pop() ?? '');
  await tab.page.close();
  await expect.poll(() => runs(pid), { timeout: 15_000 }).toBe(false);
});

test('a script that lacks a module says which one and where to install it', async ({ page }) => {
  await enter(page, house);
  await openScript(page, house, 'bench/lacking', 'Lacking');
  const tab = await runScript(page);
  const told = pattern('error.module_missing', { script: 'bench/lacking', module: 'no_such_module_at_all' });
  await expect(tab.page.getByText(told)).toBeVisible();
  await tab.page.getByRole('link', { name: t('ui.execution.details') }).click();
  await expect(tab.page.getByText('ModuleNotFoundError: No module named')).toBeVisible();
  await expect(tab.page.getByText(told)).toBeVisible();
});

test('a script without a page runs in its place, with output and result', async ({ page }) => {
  await enter(page, house);
  await openScript(page, house, 'bench/task', 'Short task');
  await runButton(page).click();
  const panel = page.getByRole('tabpanel');
  await expect(panel.getByText('done with it')).toBeVisible();
  await expect(panel.getByText(t('state.completed')).first()).toBeVisible();

  await openScript(page, house, 'bench/failing', 'Failing task');
  await runButton(page).click();
  await expect(panel.getByText(t('state.failed')).first()).toBeVisible();
  await expect(panel.getByText(t('error.script_failed', { exit_code: 3 })).first()).toBeVisible();
});

test('run again from the history, with the same values', async ({ page }) => {
  await enter(page, house);
  await openScript(page, house, 'thermal_analysis/heat_transfer', thermal);
  await page.getByLabel('Wall area (m²)').fill('12.5');
  const tab = await runScript(page);
  await expect(tab.frame.locator('#area')).toHaveValue('12.5');
  await tab.page.close();
  await expect.poll(async () => (await house.execution(tab.id)).state).toBe('completed');

  await page.goto(`${house.url}#/executions`);
  const again = page.getByRole('button', { name: t('ui.run.again_script', { script: thermal }) }).first();
  const second = await opensTab(page, () => again.click());
  await expect(second.frame.locator('#area')).toHaveValue('12.5');
  expect(second.id).not.toBe(tab.id);
  await second.page.close();
  await expect.poll(async () => (await house.execution(second.id)).state).toBe('completed');
});
