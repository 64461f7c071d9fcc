import { expect, test, type Browser, type Page } from '@playwright/test';
import { readFileSync, writeFileSync } from 'node:fs';
import { admin, installation } from '../support/installation.ts';
import { log } from '../support/log.ts';
import { enter } from '../support/people.ts';
import { task } from '../support/scripts.ts';
import { t } from '../support/texts.ts';

const lines = Number(process.env['SM_BENCH_LINES'] ?? 10_000_000);
const jumps = Number(process.env['SM_BENCH_COUNT'] ?? 100);

// Lines of 100 bytes, by the way that a script's own output takes.
const many = `
rest = " INFO pump.station: pressure 4.2 bar, temperature 71.3 C, flow 12.5 l/min, valve open, cycle"
for start in range(0, ${lines}, 10000):
    sys.stdout.write("".join("%010d%s\\n" % (i, rest[:89]) for i in range(start, min(start + 10000, ${lines}))))
`;
// A moderate stream: each line says when it was written.
const ticking = `
while True:
    print("tick %.3f" % (time.time() * 1000), flush=True)
    time.sleep(0.05)
`;

const house = installation({
  scripts: {
    'bench/many.py': task({ display_name: 'Many' }, many),
    'bench/ticking.py': task({ display_name: 'Ticking' }, ticking),
  },
});

interface Values {
  name: string;
  unit: string;
  values: number[];
}

const measured: Values[] = [];
const output = process.env['SM_BENCH_OUTPUT'];
test.afterAll(() => {
  if (output) writeFileSync(output, JSON.stringify(measured));
  for (const { name, unit, values } of measured) {
    const sorted = [...values].sort((a, b) => a - b);
    const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))];
    console.log(`${name}: median ${at(0.5)}, p95 ${at(0.95)}, most ${at(1)} ${unit} (${sorted.length})`);
  }
});

/** What the page's process has of the machine's memory (PSS), and the heap of its scripts after it was cleaned, in MB. */
async function memory(browser: Browser, page: Page) {
  const client = await page.context().newCDPSession(page);
  await client.send('HeapProfiler.collectGarbage');
  await client.send('Performance.enable');
  const { metrics } = await client.send('Performance.getMetrics');
  const heap = metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? NaN;
  const root = await browser.newBrowserCDPSession();
  const { processInfo } = await root.send('SystemInfo.getProcessInfo');
  const sizes = processInfo
    .filter(({ type }) => type === 'renderer')
    .map(({ id }) => /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${id}/smaps_rollup`, 'utf8'))?.[1]);
  return { heap: heap / 1e6, process: Math.max(...sizes.map(Number)) / 1e3 };
}

test('a long log: scroll anywhere', async ({ page, browser }) => {
  const { execution_id: id } = await house.cli<{ execution_id: string }>([
    'run',
    'bench/many',
    '--as',
    admin,
  ]);
  await expect.poll(async () => (await house.execution(id)).state, { timeout: 300_000 }).toBe('completed');
  await enter(page, house, admin, `executions/${id}`);
  await expect(log(page).getByText(String(lines - 1).padStart(10, '0'))).toBeVisible();
  const jump = (part: number) =>
    log(page).evaluate(
      (scroller, to) =>
        new Promise<[number, number, number]>((done) => {
          const first = () => scroller.querySelector('[data-row]')?.getAttribute('data-row');
          const before = first();
          performance.clearResourceTimings();
          const longest = () =>
            Math.max(
              0,
              ...performance
                .getEntriesByType('resource')
                .filter(({ name }) => name.endsWith('Executions.Log'))
                .map(({ duration }) => duration),
            );
          const began = performance.now();
          const observer = new MutationObserver(() => {
            if (first() === before || scroller.querySelector('.line:not(:has(.text))')) return;
            observer.disconnect();
            const there = performance.now() - began;
            requestAnimationFrame(() =>
              setTimeout(() => done([there, performance.now() - began, longest()])),
            );
          });
          observer.observe(scroller, {
            childList: true,
            subtree: true,
            attributes: true,
            characterData: true,
          });
          scroller.scrollTop = to * (scroller.scrollHeight - scroller.clientHeight);
        }),
      part,
    );
  const there: number[] = [];
  const painted: number[] = [];
  const requests: number[] = [];
  let heaps = 0;
  for (let i = 0; i < jumps + 5; i++) {
    const [text, frame, request] = await jump(Math.random());
    heaps = Math.max(
      heaps,
      await page.evaluate(
        () => (performance as unknown as { memory: { usedJSHeapSize: number } }).memory.usedJSHeapSize,
      ),
    );
    if (i < 5) continue;
    there.push(text);
    painted.push(frame);
    if (request > 0) requests.push(request);
  }
  await expect(
    page.getByText(t('ui.log.lines', { count: lines.toLocaleString('en') }), { exact: true }),
  ).toBeVisible();
  const { heap, process } = await memory(browser, page);
  measured.push(
    { name: 'jump', unit: 'ms', values: there },
    { name: 'jump painted', unit: 'ms', values: painted },
    { name: 'jump request', unit: 'ms', values: requests },
    { name: 'heap', unit: 'MB', values: [heap] },
    { name: 'heap before', unit: 'MB', values: [heaps / 1e6] },
    { name: 'process', unit: 'MB', values: [process] },
  );
});

test('a moderate stream: from the script to the screen', async ({ page }) => {
  const { execution_id: id } = await house.cli<{ execution_id: string }>([
    'run',
    'bench/ticking',
    '--as',
    admin,
  ]);
  await enter(page, house, admin, `executions/${id}`);
  await expect(log(page).getByText('tick ').first()).toBeVisible();
  const late = await log(page).evaluate(
    (scroller, count) =>
      new Promise<number[]>((done) => {
        const seen = new Set<string>();
        const late: number[] = [];
        const look = (note: boolean) => {
          const now = performance.timeOrigin + performance.now();
          for (const text of scroller.querySelectorAll('.text')) {
            const line = text.textContent ?? '';
            if (!line.startsWith('tick ') || seen.has(line)) continue;
            seen.add(line);
            if (note) late.push(now - Number(line.slice(5)));
          }
          return late.length >= count;
        };
        look(false);
        const observer = new MutationObserver(() => {
          if (!look(true)) return;
          observer.disconnect();
          done(late);
        });
        observer.observe(scroller, { childList: true, subtree: true, characterData: true });
      }),
    2 * jumps,
  );
  measured.push({ name: 'line to screen', unit: 'ms', values: late });
  await house.cli(['stop', id]);
});
