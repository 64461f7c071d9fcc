import { readdirSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, type Page } from '@playwright/test';
import { admin, installation } from '../support/installation.ts';
import { log } from '../support/log.ts';
import { enter } from '../support/people.ts';
import { pageScript, task } from '../support/scripts.ts';
import { pattern, t } from '../support/texts.ts';

const out = 'out = sys.stdout.buffer\n';

const odd = `${out}
out.write(b"first of all\\n")
out.write(b"nul\\0inside\\n")
out.write(b"wrong \\xff\\xfe\\xc3 bytes\\n")
out.write(b"\\x1b[2J\\x1b[H\\x1bccleared\\n")
out.write(b"\\x1b]0;title\\x07\\x1b]8;;javascript:window.hurt=1\\x1b\\\\link\\x1b]8;;\\x1b\\\\ behind\\n")
out.write(b"<script>window.hurt = 1</script><img src=x onerror='window.hurt = 1'><iframe srcdoc=x></iframe>\\n")
out.write(b"<a href='javascript:window.hurt = 1' onclick='window.hurt = 1'>{{7*7}} \${7*7}</a>\\n")
out.write("right \\u202eto left\\u202c, \\U0001F600, e\\u0301\\n".encode())
for i in range(101): out.write(b"\\rstep %3d%%" % i)
out.write(b"\\nlast of all\\n")
`;

const house = installation({
  scripts: {
    'bench/endless.py': task(
      { display_name: 'Endless' },
      `${out}for _ in range(100): out.write(b"x" * (1 << 20))\nout.write(b"\\nbehind it\\n")`,
    ),
    'bench/odd.py': task({ display_name: 'Odd' }, odd),
    // As much as a progress bar writes in some minutes, all of it in one line.
    'bench/bar.py': task(
      { display_name: 'Bar' },
      `${out}for i in range(4001): out.write(b"\\r%6.2f%% " % (i / 40) + b"#" * 60)\nout.flush()\ntime.sleep(600)`,
    ),
    'bench/letters.py': task(
      { display_name: 'Letters' },
      'for i in range(30000): print("a" * 60 + "! %05d" % i)',
    ),
    'bench/talk.py': pageScript({ display_name: 'Talk' }),
  },
});

async function start(id: string, ...until: string[]): Promise<string> {
  const { execution_id } = await house.cli<{ execution_id: string }>(['run', id, '--as', admin]);
  if (until.length > 0)
    await expect.poll(async () => until.includes((await house.execution(execution_id)).state)).toBe(true);
  return execution_id;
}

/** The file of an execution's log. */
function file(id: string): string {
  const folder = join(house.root, 'data/logs/executions');
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((path) =>
    path.endsWith(`execution_${id}.log`),
  );
  return join(folder, found ?? '');
}

/** Measures from now on how long the page is at most without drawing. */
async function watch(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    const own = window as unknown as { longest: number };
    own.longest = 0;
    let last = performance.now();
    const look = () => {
      own.longest = Math.max(own.longest, performance.now() - last);
      last = performance.now();
      requestAnimationFrame(look);
    };
    look();
  });
  return () => page.evaluate(() => (window as unknown as { longest: number }).longest);
}

const search = (page: Page) => page.getByRole('searchbox', { name: t('ui.log.search') });

test('a line of 100 MB is shown in part, said to be, and what is behind it is read', async ({ page }) => {
  const id = await start('bench/endless');
  await enter(page, house, admin, `executions/${id}`);
  const longest = await watch(page);
  await expect(log(page).getByText('behind it', { exact: true })).toBeVisible({ timeout: 90_000 });
  await expect(log(page).getByText(t('ui.log.cut'))).toHaveCount(1);
  await search(page).fill('behind');
  await expect(page.getByText(t('ui.log.match', { position: '–', total: '1' }))).toBeVisible();
  await page.getByRole('button', { name: t('ui.log.wrap') }).click();
  await log(page).press('Home');
  await log(page).press('End');
  await expect(log(page).getByText('behind it', { exact: true })).toBeInViewport();
  await page.getByRole('button', { name: t('ui.log.wrap') }).click();
  expect(await longest(), 'milliseconds without a picture').toBeLessThan(5000);
});

test('nothing of what a script writes is obeyed, run or lost', async ({ page }) => {
  const id = await start('bench/odd', 'completed');
  await enter(page, house, admin, `executions/${id}`);
  await expect(log(page).getByText('last of all')).toBeVisible();
  const texts = await log(page).locator('[data-row] .text').allTextContents();
  expect(texts).toEqual([
    'first of all',
    'nulinside',
    expect.stringMatching(/^wrong \ufffd+ bytes$/),
    'cleared',
    'link behind',
    "<script>window.hurt = 1</script><img src=x onerror='window.hurt = 1'><iframe srcdoc=x></iframe>",
    "<a href='javascript:window.hurt = 1' onclick='window.hurt = 1'>{{7*7}} ${7*7}</a>",
    'right \u202eto left\u202c, \u{1F600}, e\u0301',
    'step 100%',
    'last of all',
  ]);
  await expect(log(page).locator('script, img, iframe, a, style')).toHaveCount(0);
  await search(page).fill('<img');
  await expect(log(page).locator('.hit')).toHaveText('<img');
  for (const name of [t('ui.log.raw'), t('ui.log.wrap')]) await page.getByRole('button', { name }).click();
  await expect(log(page).getByText('\u240dstep 100%')).toBeVisible();
  await expect(log(page).locator('script, img, iframe, a, style')).toHaveCount(0);
  await page.getByRole('button', { name: t('ui.log.wrap') }).click();
  expect(await page.evaluate(() => 'hurt' in window)).toBe(false);
});

test('a progress bar that runs for long shows where it is', async ({ page }) => {
  const id = await start('bench/bar', 'running');
  await enter(page, house, admin, `executions/${id}`);
  await expect(log(page).getByText(/100\.00% #+/)).toBeVisible();
  await house.cli(['stop', id]);
  await expect(log(page).getByText(/100\.00% #+/)).toBeVisible();
  // What is shown is what is found.
  await search(page).fill('100.00% #');
  await expect(page.getByText(t('ui.log.match', { position: '–', total: '1' }))).toBeVisible();
  await search(page).fill(' 3.00% #');
  await expect(page.getByText(t('ui.log.no_match'))).toBeVisible();
});

test('one letter and an expression that explodes are looked for without a stop', async ({ page }) => {
  const id = await start('bench/letters', 'completed');
  await enter(page, house, admin, `executions/${id}`);
  await expect(log(page).getByText(/! 29999/)).toBeVisible();
  const longest = await watch(page);
  const total = (count: string) => t('ui.log.match', { position: '–', total: count });
  await search(page).fill('a');
  await expect(page.getByText(total('30,000'))).toBeVisible();
  await expect(log(page).locator('.hit').first()).toBeVisible();
  await page.getByRole('button', { name: t('ui.log.regexp') }).click();
  await search(page).fill('(a+)+$');
  await expect(page.getByText(t('ui.log.no_match'))).toBeVisible();
  await search(page).fill('(a+)+! 2999\\d$');
  await expect(page.getByText(total('10'))).toBeVisible();
  await search(page).fill('(a+');
  await expect(page.getByText(t('ui.log.bad_pattern'))).toBeVisible();
  await expect(search(page)).toHaveAttribute('aria-invalid', 'true');
  await search(page).fill('');
  await expect(search(page)).toHaveAttribute('aria-invalid', 'false');
  expect(await longest(), 'milliseconds without a picture').toBeLessThan(5000);
});

test('a log that someone cuts off or deletes is said to be, running or ended', async ({ page, request }) => {
  const ended = await start('bench/letters', 'completed');
  await enter(page, house, admin, `executions/${ended}`);
  await expect(page.getByText(t('ui.log.lines', { count: '30,000' }), { exact: true })).toBeVisible();
  truncateSync(file(ended), 68 * 100);
  // Who looks at another place reads again.
  await log(page).press('Home');
  await expect(page.getByText(t('ui.log.lost', { count: '30,000' }))).toBeVisible();
  await expect(log(page).getByText(/! 00000/)).toBeVisible();
  await expect(page.getByText(t('ui.log.lines', { count: '100' }), { exact: true })).toBeVisible();
  // Who comes later is not told that there was no output.
  rmSync(file(ended));
  await page.goto('about:blank');
  await page.goto(`${house.url}#/executions/${ended}`);
  await expect(page.getByText(t('ui.log.gone'))).toBeVisible();
  await expect(page.getByText(t('ui.log.lost', { count: '30,000' }))).toBeVisible();

  const running = await start('bench/talk');
  await expect.poll(async () => (await house.execution(running)).phase).toBe('ready');
  const { url } = await house.execution(running);
  const say = async (n: number) =>
    expect((await request.get(new URL(`say?n=${n}`, url).href)).ok()).toBe(true);
  await page.goto(`${house.url}#/executions/${running}`);
  await say(10);
  await expect(page.getByText(t('ui.log.lines', { count: 21 }), { exact: true })).toBeVisible();
  rmSync(file(running));
  await say(1);
  await expect(page.getByText(pattern('ui.log.lost'))).toBeVisible();
  await expect(page.getByText(t('ui.log.gone'))).toBeVisible();
  await house.cli(['stop', running]);
  await expect(page.getByText(t('ui.log.gone'))).toBeVisible();
});
