import { mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test, type Page } from '@playwright/test';
import { accessible, fits } from '../support/access.ts';
import { admin, installation } from '../support/installation.ts';
import { ask, enter, signedIn, signIn } from '../support/people.ts';
import { task } from '../support/scripts.ts';
import { pattern, t } from '../support/texts.ts';

const house = installation({
  users: { otto: 'operator', olga: 'operator', vera: 'viewer' },
  scripts: { 'bench/job.py': task({ display_name: 'A job' }, 'print(1)') },
});

/** The folder of a person's default project. */
const folderOf = (user: string) =>
  join(house.root, 'data/script_groups/group_bench', `user_${user}`, 'project_default');

function put(user: string, files: Record<string, string | Buffer>): void {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folderOf(user), name);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, content, { mode: 0o600 });
  }
}
const stands = (user: string, name: string) => readFileSync(join(folderOf(user), name), 'utf8');

async function openData(page: Page, user: string): Promise<void> {
  await enter(page, house, user, 'data');
  const group = page.getByLabel(t('ui.data.group'), { exact: true });
  await expect(group.locator('option')).not.toHaveCount(0);
  await group.selectOption('bench');
}
const row = (page: Page, name: string) => page.getByRole('treeitem').filter({ hasText: name });
const content = (page: Page) => page.getByRole('textbox', { name: t('ui.data.content') });
const button = (page: Page, key: string) => page.getByRole('button', { name: t(key), exact: true });

test('a file is looked at, edited with line-exact mistakes, and saved', async ({ page }) => {
  put('otto', { 'deep/values.json': '{"b": 12345678901234567890, "a": 1}', 'log.txt': 'one\ntwo\n' });
  await openData(page, 'otto');
  await row(page, 'deep').click();
  await row(page, 'values.json').click();
  await expect(content(page)).toHaveValue(/12345678901234567890/);
  await button(page, 'ui.data.format').click();
  await expect(content(page)).toHaveValue('{\n  "b": 12345678901234567890,\n  "a": 1\n}\n');
  await content(page).fill('{\n  "a": 1,\n}\n');
  await button(page, 'ui.data.save').click();
  await expect(page.getByText(pattern('error.file_json', { line: 3, column: 1, found: '}' }))).toBeVisible();
  expect(stands('otto', 'deep/values.json')).toContain('12345678901234567890');
  await content(page).fill('{\n  "a": 2\n}\n');

  // Another file is looked at meanwhile: nothing typed is lost.
  await row(page, 'log.txt').click();
  await expect(content(page)).toHaveValue('one\ntwo\n');
  await expect(row(page, 'values.json')).toContainText(t('ui.data.unsaved'));
  await row(page, 'values.json').click();
  await expect(content(page)).toHaveValue('{\n  "a": 2\n}\n');
  await page.keyboard.press('Tab');
  await content(page).press('Control+s');
  await expect(page.getByText(t('ui.data.saved', { name: 'values.json' }))).toBeVisible();
  expect(stands('otto', 'deep/values.json')).toBe('{\n  "a": 2\n}\n');
  await accessible(page, 'data');
  await fits(page, 'data');
});

test('line ends stay as they are', async ({ page }) => {
  put('otto', { 'windows.txt': 'one\r\ntwo\r\n', 'mixed.txt': '"one\ntwo";3\r\n' });
  await openData(page, 'otto');
  await row(page, 'windows.txt').click();
  await expect(content(page)).toHaveValue('one\ntwo\n');
  await content(page).press('Control+End');
  await content(page).pressSequentially('three');
  await content(page).press('Enter');
  await button(page, 'ui.data.save').click();
  await expect(page.getByText(t('ui.data.saved', { name: 'windows.txt' }))).toBeVisible();
  expect(stands('otto', 'windows.txt')).toBe('one\r\ntwo\r\nthree\r\n');

  await row(page, 'mixed.txt').click();
  await expect(page.getByText(t('ui.data.mixed_ends'))).toBeVisible();
  await expect(content(page)).not.toBeEditable();
  await accessible(page, 'mixed line ends');
  await fits(page, 'mixed line ends');
});

test('a script that writes the file meanwhile loses nothing, nor does the person', async ({ page }) => {
  put('otto', { 'shared.txt': 'at first\n' });
  await openData(page, 'otto');
  await row(page, 'shared.txt').click();
  await content(page).fill('mine\n');
  put('otto', { 'shared.txt': 'of the script\n' });
  await expect(page.getByRole('alert').filter({ hasText: t('ui.data.conflict') })).toBeVisible();
  await expect(page.getByText('of the script')).toBeVisible();
  await expect(page.getByText('mine', { exact: true })).toBeVisible();
  await accessible(page, 'conflict');
  await button(page, 'ui.data.save_copy').click();
  await button(page, 'ui.data.save').click();
  await expect(row(page, 'shared (2).txt')).toBeVisible();
  expect(stands('otto', 'shared (2).txt')).toBe('mine\n');
  expect(stands('otto', 'shared.txt')).toBe('of the script\n');

  // What is not edited is shown as it is now.
  await row(page, 'shared.txt').click();
  await expect(content(page)).toHaveValue('of the script\n');
  put('otto', { 'shared.txt': 'once more\n' });
  await expect(content(page)).toHaveValue('once more\n');
  // Overwritten knowingly.
  await content(page).fill('mine again\n');
  put('otto', { 'shared.txt': 'the third\n' });
  await button(page, 'ui.data.overwrite').click();
  await expect(content(page)).toHaveValue('mine again\n');
  expect(stands('otto', 'shared.txt')).toBe('mine again\n');
});

test('files are uploaded, asked about where the name is taken, and fetched', async ({ page }) => {
  put('otto', { 'taken.csv': 'old\n' });
  await openData(page, 'otto');
  const input = page.locator('input[type=file]');
  const large = Buffer.alloc(3 * 1024 * 1024 + 5, 'x');
  await input.setInputFiles([
    { name: 'large.bin', mimeType: '', buffer: large },
    { name: 'taken.csv', mimeType: 'text/csv', buffer: Buffer.from('new\n') },
  ]);
  await expect(row(page, 'large.bin')).toBeVisible();
  expect(readFileSync(join(folderOf('otto'), 'large.bin')).equals(large)).toBe(true);
  await expect(page.getByText(t('ui.data.exists_ask'))).toBeVisible();
  expect(stands('otto', 'taken.csv')).toBe('old\n');
  await accessible(page, 'uploads');
  await button(page, 'ui.data.choice_both').click();
  await expect(row(page, 'taken (2).csv')).toBeVisible();
  expect(stands('otto', 'taken.csv') + stands('otto', 'taken (2).csv')).toBe('old\nnew\n');
  await input.setInputFiles([{ name: 'taken.csv', mimeType: '', buffer: Buffer.from('newer\n') }]);
  await button(page, 'ui.data.choice_replace').click();
  await expect.poll(() => stands('otto', 'taken.csv')).toBe('newer\n');

  // A name that Windows does not take is refused with the reason.
  await input.setInputFiles([{ name: 'con.txt', mimeType: '', buffer: Buffer.from('x') }]);
  await expect(page.getByText(pattern('error.file_name_reserved', { name: 'con.txt' }))).toBeVisible();

  await row(page, 'large.bin').click();
  const coming = page.waitForEvent('download');
  await button(page, 'ui.data.download').click();
  const got = await (await coming).path();
  expect(readFileSync(got).equals(large)).toBe(true);
  expect(readdirSync(join(house.root, 'data/uploads'))).toEqual([]);
});

test('dropped files land in the chosen folder; a folder comes as a zip', async ({ page }) => {
  put('otto', { 'results/a.txt': 'a' });
  symlinkSync('/etc/passwd', join(folderOf('otto'), 'results', 'secret'));
  await openData(page, 'otto');
  await row(page, 'results').click();
  const data = await page.evaluateHandle(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(['dropped'], 'dropped.txt'));
    return transfer;
  });
  await page.getByRole('tree').dispatchEvent('drop', { dataTransfer: data });
  await expect(row(page, 'dropped.txt')).toBeVisible();
  expect(stands('otto', 'results/dropped.txt')).toBe('dropped');
  // The link is shown and refused with the reason.
  await row(page, 'secret').click();
  await expect(page.getByText(pattern('error.file_link', { name: 'secret' }))).toBeVisible();
  await expect(page.getByText('root:')).toHaveCount(0);
  await row(page, 'results').click();
  const coming = page.waitForEvent('download');
  await button(page, 'ui.data.download_zip').click();
  const zip = await coming;
  expect(zip.suggestedFilename()).toBe('results.zip');
  await expect(page.getByText(pattern('ui.data.left', { count: 1, names: 'results/secret' }))).toBeVisible();
});

test('hostile names of a script are shown as text, fetched and deleted', async ({ page }) => {
  const evil = '<img src=x onerror=alert(1)>\n.txt';
  put('otto', { [evil]: 'evil', 'con:1': 'colon' });
  await openData(page, 'otto');
  await row(page, 'con:1').click();
  await expect(content(page)).toHaveValue('colon');
  await row(page, '<img src=x').click();
  await expect(content(page)).toHaveValue('evil');
  await expect(page.locator('img[src=x]')).toHaveCount(0);
  await button(page, 'ui.data.remove').click();
  await button(page, 'ui.data.remove_now').click();
  await expect(row(page, '<img src=x')).toHaveCount(0);
  await button(page, 'ui.data.new_folder').click();
  await page.getByRole('textbox').last().fill('a:b');
  await page.getByRole('textbox').last().press('Enter');
  await expect(page.getByText(pattern('error.file_name_character', { name: 'a:b' }))).toBeVisible();
});

test('tables, pictures and bytes are shown as such', async ({ page }) => {
  const rows = Array.from({ length: 60_000 }, (_, n) => `row ${String(n)};${String(n)},5;"a;b"`);
  const png = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEUlEQVR4nGNQSNiAFTEMLQkAjntMAQiRexAAAAAASUVORK5CYII=',
    'base64',
  );
  put('otto', {
    'table.csv': `name;value;text\n${rows.join('\n')}\n`,
    'p.png': png,
    'd.svg':
      '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>document.title="run"</script></svg>',
    'raw.bin': Buffer.from([0, 1, 2, 255]),
  });
  await openData(page, 'otto');
  await row(page, 'table.csv').click();
  await expect(page.getByRole('columnheader', { name: 'value', exact: true })).toBeVisible();
  await expect(page.getByRole('cell', { name: 'a;b', exact: true }).first()).toBeVisible();
  await expect(page.getByText(t('ui.data.rows', { count: 60_000, count_text: '60,000' }))).toBeVisible();
  const box = page
    .getByRole('region', { name: t('ui.data.content') })
    .locator('.space')
    .locator('..');
  await box.last().evaluate((element) => (element.scrollTop = element.scrollHeight));
  await expect(page.getByRole('cell', { name: 'row 59999', exact: true })).toBeVisible();
  await accessible(page, 'table');
  await row(page, 'p.png').click();
  await expect(page.getByRole('img', { name: 'p.png' })).toBeVisible();
  await row(page, 'd.svg').click();
  await expect(page.getByRole('img', { name: 'd.svg' })).toBeVisible();
  await expect(page).not.toHaveTitle('run');
  await row(page, 'raw.bin').click();
  await expect(page.getByText('00 01 02 ff')).toBeVisible();
});

test('the session ends in the middle of an upload, and it goes on after signing in', async ({
  page,
  request,
}) => {
  const token = await signedIn(request, house, admin);
  const users = (await (await ask(request, house, token, 'Users.List')).json()) as {
    id: number;
    name: string;
  }[];
  const olga = users.find((one) => one.name === 'olga')?.id;
  await openData(page, 'olga');
  let stopped = false;
  await page.route('**/api/call/Data.UploadPart', async (route) => {
    if (!stopped) {
      stopped = true;
      await ask(request, house, token, 'Users.EndSessions', { user_id: olga });
    }
    await route.continue();
  });
  await page
    .locator('input[type=file]')
    .setInputFiles([{ name: 'long.bin', mimeType: '', buffer: Buffer.alloc(5 << 20, 'y') }]);
  await signIn(page, 'olga');
  await expect(page.getByText(t('ui.data.stage_failed'))).toBeVisible();
  await button(page, 'ui.data.again').click();
  await expect(page.getByText(t('ui.data.stage_done'), { exact: true })).toBeVisible();
  expect(readFileSync(join(folderOf('olga'), 'long.bin')).length).toBe(5 << 20);
  expect(readdirSync(join(house.root, 'data/uploads'))).toEqual([]);
});

test('a viewer reads and changes nothing', async ({ page }) => {
  put('vera', { 'a.txt': 'hers' });
  await openData(page, 'vera');
  await row(page, 'a.txt').click();
  await expect(content(page)).toHaveValue('hers');
  await expect(content(page)).not.toBeEditable();
  for (const key of [
    'ui.data.upload',
    'ui.data.new_folder',
    'ui.data.remove',
    'ui.data.rename',
    'ui.data.save',
  ])
    await expect(button(page, key), key).toHaveCount(0);
  await expect(button(page, 'ui.data.download')).toBeVisible();
});
