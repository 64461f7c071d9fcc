import { expect, test } from '@playwright/test';
import { accessible, fits } from '../support/access.ts';
import { admin, installation } from '../support/installation.ts';
import { ask, enter, session } from '../support/people.ts';
import { t } from '../support/texts.ts';

const house = installation({ users: { otto: 'operator' } });

test.use({ viewport: { width: 1024, height: 640 }, reducedMotion: 'reduce' });

interface Answer {
  here: { id: string; name: string };
  set: { account: string; user: string }[];
}

// USR-7: an administrator chooses who is the system's user; a browser is neither offered it nor let in by it.
test('who signs in as the system’s user is chosen, and never in a browser', async ({ page, browser }) => {
  await enter(page, house, admin, 'users');
  const { here } = await house.cli<Answer>(['user', 'system-sign-in']);
  const panel = page.getByRole('region', { name: t('ui.users.system') });
  const who = panel.getByLabel(t('ui.users.system_who', { account: here.name }));
  await expect(who).toHaveValue('0');
  await who.selectOption({ label: `otto (${t('level.operator')})` });
  const chosen = () => house.cli<Answer>(['user', 'system-sign-in']).then((answer) => answer.set);
  // Who is only chosen, as by an arrow key, is not set.
  expect(await chosen()).toEqual([]);
  const save = panel.getByRole('button', { name: t('ui.users.save') });
  await save.click();
  await expect.poll(chosen).toEqual([expect.objectContaining({ account: here.id, user: 'otto' })]);
  await expect(who).toBeEnabled();
  await accessible(page, 'who is the system’s user');
  await fits(page, 'who is the system’s user');

  const other = await (await browser.newContext()).newPage();
  await other.goto(house.url);
  await expect(other.getByLabel(t('ui.sign_in.password'))).toBeVisible();
  await expect(other.getByRole('button', { name: t('ui.sign_in.system', { name: 'otto' }) })).toHaveCount(0);
  const token = await session(other.request, house);
  expect((await ask(other.request, house, token, 'Session.SignInSystem')).status()).toBe(401);

  await who.selectOption('0');
  await save.click();
  await expect.poll(chosen).toEqual([]);
});
