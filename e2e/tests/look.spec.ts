import { expect, test, type Page } from '@playwright/test';
import { admin, installation } from '../support/installation.ts';
import { enter, signIn } from '../support/people.ts';
import { task } from '../support/scripts.ts';
import { languages, t, type Language } from '../support/texts.ts';

const house = installation({
  scripts: {
    'bench/task.py': task(
      {
        display_name: 'Short task',
        display_name_es: 'Tarea breve',
        display_name_it: 'Attività breve',
        display_name_fr: 'Tâche courte',
        parameters: '[{"name": "factor", "type": "number", "default": 1234.5, "label": {"en": "Factor"}}]',
      },
      'print("done")',
    ),
  },
});

const names: Record<Language, [string, string]> = {
  en: ['English', 'Short task'],
  es: ['Español', 'Tarea breve'],
  it: ['Italiano', 'Attività breve'],
  fr: ['Français', 'Tâche courte'],
};

async function choose(page: Page, from: Language, to: Language): Promise<void> {
  await page
    .getByRole('button', { name: t('ui.language.current', { language: names[from][0] }, from) })
    .click();
  await page.getByRole('button', { name: names[to][0], exact: true }).click();
}

test('the language changes everything at once: texts, names of scripts, dates and numbers', async ({
  page,
}) => {
  await house.cli(['run', 'bench/task', '--as', admin, '--wait', 'end']).catch(() => undefined);
  await expect.poll(async () => (await house.executions())[0]?.state).toBe('completed');
  const { created_at } = (await house.executions())[0] as unknown as { created_at: string };
  await enter(page, house, admin, 'executions');
  let before: Language = 'en';
  for (const language of [...languages.slice(1), 'en' as const]) {
    await choose(page, before, language);
    before = language;
    const [, script] = names[language];
    await expect(
      page.getByRole('heading', { level: 1, name: t('ui.nav.executions', {}, language) }),
    ).toBeVisible();
    await expect(page.locator('html')).toHaveAttribute('lang', language);
    const row = page.getByRole('row').filter({ hasText: script });
    await expect(row).toContainText(t('state.completed', {}, language));
    const date = new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, {
      dateStyle: 'short',
      timeStyle: 'short',
      timeZone: 'Europe/Rome',
    }).format(new Date(created_at));
    await expect(row).toContainText(date);
  }
  // A number in a form is written and read in the language's own way.
  await page.goto(`${house.url}#/scripts/bench/task`);
  const factor = page.getByLabel('Factor');
  await expect(factor).toHaveValue('1234.5');
  await choose(page, 'en', 'it');
  await expect(factor).toHaveValue('1234,5');
  await factor.fill('2,25');
  await expect(factor).not.toHaveAttribute('aria-invalid', 'true');
  await page.getByText(t('ui.script.command', {}, 'it'), { exact: true }).click();
  await expect(page.locator('pre')).toContainText('--factor=2.25');
  await choose(page, 'it', 'en');
});

test('language and theme are kept with the account, in whichever browser it signs in', async ({
  page,
  browser,
}) => {
  await enter(page, house);
  const html = page.locator('html');
  await page.getByRole('button', { name: t('ui.theme.title') }).click();
  await page.getByRole('button', { name: t('ui.theme.dark'), exact: true }).click();
  await expect(html).toHaveAttribute('data-bs-theme', 'dark');
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const dark = await ground();
  await choose(page, 'en', 'fr');
  await expect(page.getByRole('heading', { level: 1, name: t('ui.nav.dashboard', {}, 'fr') })).toBeVisible();
  await page.reload();
  await expect(html).toHaveAttribute('data-bs-theme', 'dark');
  await expect(html).toHaveAttribute('lang', 'fr');

  const other = await browser.newPage({ locale: 'en-GB' });
  await other.goto(house.url);
  await expect(other.locator('html')).toHaveAttribute('lang', 'en');
  await signIn(other);
  await expect(other.getByRole('heading', { level: 1, name: t('ui.nav.dashboard', {}, 'fr') })).toBeVisible();
  await expect(other.locator('html')).toHaveAttribute('data-bs-theme', 'dark');

  // The account page has the same choices; following the system is one of them.
  await other.goto(`${house.url}#/account`);
  const choice = (key: string) => other.getByRole('combobox', { name: t(key, {}, 'fr') });
  await choice('ui.theme.title').selectOption('system');
  await other.emulateMedia({ colorScheme: 'light' });
  await expect(other.locator('html')).toHaveAttribute('data-bs-theme', 'light');
  await other.emulateMedia({ colorScheme: 'dark' });
  await expect(other.locator('html')).toHaveAttribute('data-bs-theme', 'dark');
  await choice('ui.theme.title').selectOption('light');
  await expect(other.getByText(t('health.disk.title', {}, 'fr'), { exact: true })).toBeVisible();
  await choice('ui.language.title').selectOption('en');
  await expect(other.getByRole('heading', { level: 1, name: t('ui.nav.account') })).toBeVisible();
  // What the server words itself follows as well.
  await expect(other.getByText(t('health.disk.title'), { exact: true })).toBeVisible();
  await other.close();

  // The first browser hears of it without being loaded again.
  await expect(html).toHaveAttribute('data-bs-theme', 'light');
  await expect(html).toHaveAttribute('lang', 'en');
  expect(await ground()).not.toBe(dark);
});
