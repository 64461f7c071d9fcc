import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, type Page } from '@playwright/test';
import { accessible, fits } from '../support/access.ts';
import { installation } from '../support/installation.ts';
import { enter } from '../support/people.ts';
import { header } from '../support/scripts.ts';
import { pattern, t } from '../support/texts.ts';

const whole = `# A job

## Purpose
words

## Inputs
words

## Method
words

## Worked example
words

## Limits
words
`;

const house = installation({
  users: { dora: 'developer', otto: 'operator' },
  scripts: {
    'bench/job.py': header({ display_name: 'A job', interface: 'none' }),
    'bench/docs/job.md': whole,
  },
});

const file = (name: string) => join(house.root, 'app/backend/script_groups/bench/docs', name);
const holds = (name: string, what: string) => expect.poll(() => readFileSync(file(name), 'utf8')).toBe(what);
const text = (page: Page) => page.getByRole('textbox', { name: t('ui.document_editor.text') });
const save = (page: Page) => page.getByRole('button', { name: t('ui.data.save'), exact: true });

// DOC-2, DOC-3: what is typed is seen beside it, what is wrong at its line, and Ctrl+S writes the file.
test('a document is written with preview, mistakes and history', async ({ page }) => {
  await enter(page, house, 'dora', 'scripts/bench/job/document/en');
  await text(page).press('Control+End');
  await page.keyboard.type('\nmore [words](gone.md)\n');
  const preview = page.getByRole('region', { name: t('ui.document_editor.preview') });
  await expect(preview.getByText('more')).toBeVisible();
  const mistakes = page.getByRole('region', { name: t('ui.documents.problems') });
  await expect(mistakes.getByText('gone.md')).toBeVisible();
  await mistakes.getByRole('button').first().press('Enter');
  await expect(text(page)).toBeFocused();
  await accessible(page, 'the editor');
  await fits(page, 'the editor');
  await page.keyboard.press('Control+s');
  await expect(page.getByText(t('ui.document_editor.unsaved'))).toBeHidden();
  await holds('job.md', `${whole}\nmore [words](gone.md)\n`);

  await page.getByRole('button', { name: t('ui.document_editor.history') }).press('Enter');
  const history = page.getByRole('region', { name: t('ui.document_editor.history') });
  await history.getByRole('button', { name: pattern('ui.document_editor.by_hand') }).press('Enter');
  await expect(history.getByRole('textbox')).toHaveCount(2);
  await accessible(page, 'the history');
  await history.getByRole('button', { name: t('ui.document_editor.take_back') }).press('Enter');
  await expect(history.getByText(t('ui.document_editor.taken_back'))).toBeVisible();
  await holds('job.md', whole);
});

test('two who edit one document are told, and see both versions', async ({ page }) => {
  await enter(page, house, 'dora', 'scripts/bench/job/document/en');
  await text(page).press('Control+End');
  await page.keyboard.type('mine');
  await expect(page.getByText(t('ui.document_editor.unsaved'))).toBeVisible();
  house.write('bench/docs/job.md', `${whole}theirs\n`);
  await page.keyboard.press('Control+s');
  const conflict = page.getByRole('region', { name: t('ui.data.conflict') });
  await expect(conflict.getByRole('textbox').getByText('theirs')).toBeVisible();
  await expect(conflict.getByRole('textbox').getByText('mine')).toBeVisible();
  expect(readFileSync(file('job.md'), 'utf8')).toContain('theirs');
  await accessible(page, 'a conflict');
  await conflict.getByRole('button', { name: t('ui.data.overwrite') }).press('Enter');
  await expect(conflict).toBeHidden();
  await expect(page.getByText(t('ui.document_editor.unsaved'))).toBeHidden();
  await holds('job.md', `${whole}mine`);
  house.write('bench/docs/job.md', whole);
});

test('what was not saved is offered again, and a new document begins with the template', async ({ page }) => {
  await enter(page, house, 'dora', 'scripts/bench/job/document/it');
  await expect(page.getByText(t('ui.document_editor.new'))).toBeVisible();
  await expect(text(page).getByText('## Scopo')).toBeVisible();
  await text(page).press('Control+End');
  await page.keyboard.type('bozza');
  await expect
    .poll(() =>
      page.evaluate(() => Object.values(localStorage).some((value) => String(value).includes('bozza'))),
    )
    .toBe(true);
  await page.reload();
  await page.getByRole('button', { name: t('ui.document_editor.draft_take') }).press('Enter');
  await expect(text(page).getByText('bozza')).toBeVisible();
  await save(page).press('Enter');
  await expect(page.getByText(t('ui.document_editor.new'))).toBeHidden();
  await expect
    .poll(() => existsSync(file('job_it.md')) && readFileSync(file('job_it.md'), 'utf8'))
    .toContain('bozza');
});

test('an image that is pasted lies beside the document', async ({ page }) => {
  await enter(page, house, 'dora', 'scripts/bench/job/document/en');
  await text(page).press('Control+End');
  const point =
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
  await text(page).evaluate((element, data) => {
    const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
    const clipboard = new DataTransfer();
    clipboard.items.add(new File([bytes], 'image.png', { type: 'image/png' }));
    element.dispatchEvent(
      new ClipboardEvent('paste', { clipboardData: clipboard, bubbles: true, cancelable: true }),
    );
  }, point);
  await expect(text(page).getByText('images/job.png')).toBeVisible();
  expect(existsSync(file('images/job.png'))).toBe(true);
});

test('operators do not edit', async ({ page }) => {
  await enter(page, house, 'otto', 'scripts/bench/job/document/en');
  await expect(page.getByRole('alert')).toBeVisible();
  await expect(text(page)).toBeHidden();
});
