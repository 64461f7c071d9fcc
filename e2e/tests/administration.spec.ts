import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { accessible, fits } from '../support/access.ts';
import { installation } from '../support/installation.ts';
import { ask, enter, signedIn } from '../support/people.ts';
import { openScript, runScript } from '../support/script.ts';
import { pageScript } from '../support/scripts.ts';
import { pattern, t } from '../support/texts.ts';

const house = installation({
  users: { otto: 'operator' },
  scripts: { 'bench/page.py': pageScript({ display_name: 'Plain page' }) },
});

// ADM-2, PRT-5: everyone's executions and ports with what they use, and the way to end them.
test('an administrator sees what all run and use, and stops it', async ({ browser }) => {
  test.slow(); // two people, and axe
  const his = await browser.newContext();
  const otto = await his.newPage();
  await enter(otto, house, 'otto');
  await openScript(otto, house, 'bench/page', 'Plain page');
  const tab = await runScript(otto);
  await expect(tab.frame.getByRole('heading')).toBeVisible();
  const { pid, port } = await house.execution(tab.id);

  const hers = await browser.newContext();
  const page = await hers.newPage();
  await enter(page, house, 'anna', 'running');
  const executions = page.getByRole('region', { name: t('ui.everyone.executions') });
  const row = executions.getByRole('row').filter({ hasText: 'otto' });
  await expect(row).toContainText('Plain page');
  await expect(row).toContainText(String(port));
  await expect(row).toContainText(String(pid));
  await expect(row).toContainText(/\d\sMiB/);
  await expect(row).toContainText(/\d%/);
  const ports = page.getByRole('region', { name: t('ui.everyone.ports') });
  const lease = ports.getByRole('row').filter({ hasText: 'otto' });
  await expect(lease).toContainText(String(port));
  await expect(lease).toContainText(t('ui.everyone.lease_active'));
  await accessible(page, 'what runs');
  await fits(page, 'what runs');

  // By keyboard: a column's head sorts, the button stops.
  const memory = executions.getByRole('button', { name: t('ui.everyone.memory') });
  await memory.press('Enter');
  await expect(executions.getByRole('columnheader', { name: t('ui.everyone.memory') })).toHaveAttribute(
    'aria-sort',
    'ascending',
  );
  await row.getByRole('button', { name: t('ui.run.stop'), exact: true }).press('Enter');
  await expect(page.getByText(t('ui.everyone.none'), { exact: true })).toBeVisible();
  await expect(page.getByText(t('ui.everyone.no_ports'), { exact: true })).toBeVisible();
  const ended = await house.execution(tab.id);
  expect([ended.state, ended.reason]).toEqual(['terminated', 'stopped']);
  await Promise.all([his.close(), hers.close()]);
});

test('what runs and who has ports is for administrators alone', async ({ page, request }) => {
  const token = await signedIn(request, house, 'otto');
  for (const [method, argument] of [
    ['Running.List', undefined],
    ['Ports.List', undefined],
    ['Ports.End', { port: 5200 }],
  ] as const) {
    expect((await ask(request, house, token, method, argument)).status(), method).toBe(403);
  }
  await enter(page, house, 'otto', 'running');
  await expect(
    page.getByText(pattern('error.not_allowed', { level: t('level.admin') })).first(),
  ).toBeVisible();
});

test('the page of what can be enforced says of every part how it stands', async ({ page }) => {
  const found = await house.cli<{
    confinement: { policy: string; level: string; holds: string[] | null; missing: string[] | null };
  }>(['doctor']);
  const { policy, level, holds, missing } = found.confinement;
  await enter(page, house, 'anna', 'confinement');
  await expect(page.getByText(t(`ui.confinement.${level}`), { exact: true })).toBeVisible();
  await expect(page.getByText(t(`ui.enforcement.policy_${policy}`), { exact: true })).toBeVisible();
  const parts = page.getByRole('region', { name: t('ui.enforcement.parts') }).getByRole('listitem');
  await expect(parts).toHaveCount((holds ?? []).length + (missing ?? []).length);
  for (const part of holds ?? [])
    await expect(parts.filter({ hasText: t(`confinement.${part}`) })).toContainText(
      t('ui.enforcement.holds'),
    );
  for (const part of missing ?? [])
    await expect(parts.filter({ hasText: t(`confinement.${part}`) })).toContainText(
      t(`confinement.need.${part}`),
    );
});

// ADM-7: what is in it is looked through at the command line's test.
test('an administrator saves a support bundle, others are not offered one', async ({ browser }) => {
  const page = await (await browser.newContext()).newPage();
  await enter(page, house, 'anna', 'account');
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: t('ui.support.make') }).click();
  const file = await saved;
  expect(file.suggestedFilename()).toMatch(/^scriptsmanager-support-.*\.zip$/);
  expect(
    readFileSync(await file.path())
      .subarray(0, 2)
      .toString(),
  ).toBe('PK');

  const otto = await (await browser.newContext()).newPage();
  await enter(otto, house, 'otto', 'account');
  await expect(otto.getByText(t('ui.doctor.title')).first()).toBeVisible();
  await expect(otto.getByRole('button', { name: t('ui.support.make') })).toHaveCount(0);
});
