import { expect, test, type APIRequestContext, type Page, type WebSocketRoute } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { admin, installation } from '../support/installation.ts';
import { log, read, stream } from '../support/log.ts';
import { enter } from '../support/people.ts';
import { pageScript, task } from '../support/scripts.ts';
import { t } from '../support/texts.ts';

const house = installation({
  scripts: {
    'bench/talk.py': pageScript({ display_name: 'Talk' }),
    'bench/many.py': task({ display_name: 'Many' }, 'for i in range(20000): print("row %05d" % i)'),
  },
});

/** Starts a script as the command line does, without a window, and opens its log. */
async function start(page: Page, request: APIRequestContext) {
  const { execution_id: id } = await house.cli<{ execution_id: string }>([
    'run',
    'bench/talk',
    '--as',
    admin,
  ]);
  await expect.poll(async () => (await house.execution(id)).phase).toBe('ready');
  const { url } = await house.execution(id);
  await enter(page, house, admin, `executions/${id}`);
  await expect(log(page).getByText('listening')).toBeVisible();
  const say = async (n: number) => {
    expect((await request.get(new URL(`say?n=${n}`, url).href)).ok()).toBe(true);
  };
  return { id, say };
}

const numbered = (from: number, to: number) => {
  const lines: string[] = [];
  for (let i = from; i <= to; i++) {
    const number = String(i).padStart(5, '0');
    lines.push(`line ${number} err`, `line ${number} out`);
  }
  return lines;
};

const spoken = (lines: string[]) => lines.filter((line) => line.startsWith('line ')).sort();

test('lines appear as they are written; streams are switched; the end is followed until one scrolls', async ({
  page,
  request,
}) => {
  const { id, say } = await start(page, request);
  await say(40);
  // Which of the two streams comes last is not said: they are two pipes.
  await expect(page.getByText(t('ui.log.lines', { count: 81 }))).toBeVisible();
  expect(spoken(await read(page, 81))).toEqual(numbered(1, 40));

  // Away from the end it stays where it is while more is written, and says how to follow again.
  await log(page).press('Home');
  await say(5);
  await expect(page.getByText(t('ui.log.lines', { count: 91 }))).toBeVisible();
  await expect(log(page).getByText('listening')).toBeVisible();
  await page.getByRole('button', { name: t('ui.log.follow') }).click();
  await expect(log(page).getByText('line 00045 out')).toBeVisible();
  await say(5);
  await expect(log(page).getByText('line 00050 out')).toBeVisible();

  await stream(page, 'stderr').click();
  await expect(stream(page, 'stderr')).toHaveAttribute('aria-pressed', 'false');
  await expect(page.getByText(t('ui.log.lines', { count: 51 }))).toBeVisible();
  expect((await read(page, 51)).some((line) => line.endsWith('err'))).toBe(false);
  await stream(page, 'stderr').click();
  await expect(page.getByText(t('ui.log.lines', { count: 101 }))).toBeVisible();

  // The application's own lines, alone, tell the phases and how long they took.
  await stream(page, 'debug').click();
  await expect(stream(page, 'stdout')).toHaveAttribute('aria-pressed', 'false');
  await expect(log(page)).toContainText('ms');
  await expect(log(page).getByText('line 00001 out')).toHaveCount(0);
  await house.cli(['stop', id]);
});

test('a connection that is cut loses and doubles no line', async ({ page, request, context }) => {
  // Being offline leaves a WebSocket open that is open already: it is cut here.
  const sockets: WebSocketRoute[] = [];
  let cut = false;
  await page.routeWebSocket(/\/api\/events/, (socket) => {
    if (cut) {
      void socket.close();
      return;
    }
    socket.connectToServer();
    sockets.push(socket);
  });
  const { id, say } = await start(page, request);
  await say(10);
  await expect(page.getByText(t('ui.log.lines', { count: 21 }))).toBeVisible();
  cut = true;
  await context.setOffline(true);
  await sockets.at(-1)?.close();
  await expect(page.getByText(t('ui.connection.lost'))).toBeVisible();
  await say(30);
  cut = false;
  await context.setOffline(false);
  await expect(page.getByText(t('ui.connection.lost'))).toBeHidden();
  await expect(page.getByText(t('ui.log.lines', { count: 81 }))).toBeVisible();
  await say(10);
  await expect(page.getByText(t('ui.log.lines', { count: 101 }))).toBeVisible();
  expect(spoken(await read(page, 101))).toEqual(numbered(1, 50));
  await house.cli(['stop', id]);
});

test('a long log is found, jumped through and saved whole', async ({ page }) => {
  const { execution_id: id } = await house.cli<{ execution_id: string }>([
    'run',
    'bench/many',
    '--as',
    admin,
  ]);
  await expect.poll(async () => (await house.execution(id)).state).toBe('completed');
  await enter(page, house, admin, `executions/${id}`);
  await expect(page.getByText(t('ui.log.lines', { count: '20,000' }), { exact: true })).toBeVisible();
  await expect(log(page).getByText('row 19999')).toBeVisible();
  await log(page).press('Home');
  await expect(log(page).getByText('row 00000')).toBeVisible();
  // However long it is, few rows are in the page at a time.
  expect(await log(page).locator('[data-row]').count()).toBeLessThan(200);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: t('ui.log.save') }).click(),
  ]);
  const saved = readFileSync((await download.path()) ?? '', 'utf8')
    .trimEnd()
    .split('\n');
  expect(saved.length).toBe(20_000);
  expect(saved[0]).toContain('row 00000');
  expect(saved.at(-1)).toContain('row 19999');
});
