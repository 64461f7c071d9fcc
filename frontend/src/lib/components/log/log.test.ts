import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LogFinder } from './find.svelte';
import { LogStore } from './log.svelte';
import { LogPages, pageSize } from './pages';
import { FakeLog } from './testing';

let log: FakeLog;
let store: LogStore;
let stop: () => void = () => undefined;

function open(live: boolean) {
  store = new LogStore('e1', log.door);
  stop = store.open();
  store.setLive(live);
}

/** Lets answers come and pauses pass, until the store rests. */
const rest = () => vi.advanceTimersByTimeAsync(600);

function shown(first = 0, last = store.count): (string | undefined)[] {
  return Array.from({ length: last - first }, (_, at) => store.row(first + at)?.plain);
}

const range = (first: number, last: number) => Array.from({ length: last - first }, (_, at) => first + at);

const numbered = (count: number) => Array.from({ length: count }, (_, at) => `line ${String(at + 1)}`);

beforeEach(() => {
  vi.useFakeTimers();
  log = new FakeLog();
});

afterEach(() => {
  stop();
  vi.useRealTimers();
});

describe('LogStore', () => {
  it('loses and doubles nothing while the log grows, whatever is announced', async () => {
    log.add(3);
    open(true);
    await rest();
    for (let round = 0; round < 40; round++) {
      log.add(round % 7);
      log.output();
      if (round % 3 === 0) log.output();
      await vi.advanceTimersByTimeAsync(round % 5 === 0 ? 300 : 10);
    }
    log.output();
    await rest();
    expect(shown()).toEqual(numbered(log.lines.length));
  });

  it('goes on after a lost connection as if nothing had been', async () => {
    log.add(1500);
    open(true);
    await rest();
    log.failing = true;
    log.add(10);
    log.output();
    await rest();
    expect(store.failure?.code).toBe('unavailable');
    log.add(700);
    log.failing = false;
    log.send({ seq: 0, type: 'missed' });
    await rest();
    expect(store.failure).toBeNull();
    store.want(range(0, store.count), false);
    await rest();
    expect(shown()).toEqual(numbered(2210));
  });

  it('takes answers that are shorter than was asked for', async () => {
    log.add(2500);
    log.most = 70;
    open(true);
    await rest();
    store.want(range(0, 2500), true);
    await rest();
    expect(shown()).toEqual(numbered(2500));
  });

  it('shows a line without an end after the others, and then once', async () => {
    log.add(2);
    log.open = [['stdout', '50%']];
    open(true);
    await rest();
    expect(shown()).toEqual(['line 1', 'line 2', '50%']);
    log.open = [['stdout', '90%']];
    log.output();
    await rest();
    expect(shown()).toEqual(['line 1', 'line 2', '90%']);
    log.open = [];
    log.lines.push(['stdout', '100%']);
    log.output();
    await rest();
    expect(shown()).toEqual(['line 1', 'line 2', '100%']);
  });

  it('reads the open line when someone comes back to the end', async () => {
    log.add(50);
    open(true);
    await rest();
    store.want(range(0, 20), false);
    log.add(1);
    log.open = [['stdout', 'more?']];
    log.output();
    await rest();
    expect(store.count).toBe(51);
    store.want(range(31, 51), true);
    await rest();
    expect(shown(50)).toEqual(['line 51', 'more?']);
  });

  it('skips ahead in a flood, says so, and draws four times a second', async () => {
    log.add(100);
    open(true);
    await rest();
    store.want(range(80, 100), true);
    let drawn = store.version;
    log.calls = [];
    for (let moment = 0; moment < 200; moment++) {
      log.add(500);
      log.output();
      await vi.advanceTimersByTimeAsync(10);
    }
    drawn = store.version - drawn;
    expect(drawn).toBeGreaterThan(4);
    expect(drawn).toBeLessThanOrEqual(9);
    expect(log.calls.length).toBeLessThan(40);
    await rest();
    expect(store.count).toBe(100_100);
    expect(store.row(100_099)?.plain).toBe('line 100100');
    expect(store.row(51_000)).toBeUndefined();
    expect(store.skipped).toBeGreaterThan(90_000);
    store.want(range(51_000, 51_020), false);
    await rest();
    expect(store.row(51_000)?.plain).toBe('line 51001');
    expect(store.skipped).toBe(0);
  });

  it('forgets what was not looked at for long, and reads it again', async () => {
    log.add(8000);
    const pages = new LogPages(
      (from, limit) => Promise.resolve(log.page(from, limit, ['stdout', 'stderr'])),
      true,
      3000,
    );
    pages.grow(8000);
    for (let page = 0; page < 8000 / pageSize; page++) await pages.load(page);
    expect(pages.loadedLines).toBe(3000);
    expect(pages.row(0)).toBeUndefined();
    expect(pages.row(7999)?.plain).toBe('line 8000');
    expect(pages.lacks(0)).toBe(true);
    await pages.load(0);
    expect(pages.row(0)?.plain).toBe('line 1');
    expect(pages.loadedLines).toBe(3000);
  });

  it('reads the last words of an execution that ended', async () => {
    log.add(1);
    open(true);
    await rest();
    store.setLive(false);
    await rest();
    log.add(1);
    log.ended = true;
    await vi.advanceTimersByTimeAsync(1500);
    expect(shown()).toEqual(numbered(2));
    const calls = log.calls.length;
    await vi.advanceTimersByTimeAsync(20_000);
    expect(log.calls.length).toBe(calls);
  });

  it('knows the rows of one stream by reading them', async () => {
    log.ended = true;
    for (let i = 0; i < 4500; i++) log.add(1, i % 3 ? 'stderr' : 'stdout');
    open(false);
    await rest();
    store.show(['stdout']);
    await rest();
    store.want(range(0, store.count), false);
    await rest();
    expect(shown()).toEqual(numbered(4500).filter((_, at) => at % 3 === 0));
  });

  it('doubles no row when pages are read while rows are counted', async () => {
    for (let i = 0; i < 9000; i++) log.add(1, i % 3 ? 'stderr' : 'stdout');
    const pages = new LogPages((from, limit) => Promise.resolve(log.page(from, limit, ['stdout'])), false);
    pages.grow(9000);
    const asked = pages.unknown;
    if (!asked) throw new Error('nothing to count');
    const counted = log.rows({ stream: 'stdout', every: pageSize, ...asked });
    await pages.load(0);
    pages.leap(counted, asked.count);
    const again = pages.unknown;
    if (again) pages.leap(log.rows({ stream: 'stdout', every: pageSize, ...again }), again.count);
    expect(pages.count).toBe(3000);
    for (let page = 0; page <= pages.lastPage; page++) await pages.load(page);
    const all = Array.from({ length: pages.count }, (_, row) => pages.row(row)?.plain);
    expect(all).toEqual(numbered(9000).filter((_, at) => at % 3 === 0));
  });

  it('steps to what is looked for before all of it was found', async () => {
    log.add(100);
    const finder = new LogFinder('e1', log.door);
    finder.search({ text: 'line 42', case: false, word: false, regexp: false }, ['stdout', 'stderr']);
    expect(await finder.step(0, 1)).toBe(42);
  });

  it('hears only of its own execution', async () => {
    log.add(1);
    open(true);
    await rest();
    const calls = log.calls.length;
    log.output('another');
    await rest();
    expect(log.calls.length).toBe(calls);
  });

  it('reads all for a file', async () => {
    log.add(12_000);
    open(false);
    let text = '';
    const reading = store.readAll((part) => {
      text += part;
      return true;
    });
    await rest();
    await reading;
    expect(text).toBe(numbered(12_000).join('\n') + '\n');
  });

  it('goes to a time among debug lines by their own times', async () => {
    for (let i = 0; i < 50; i++) log.add(1, 'debug');
    open(false);
    store.show(['debug']);
    await rest();
    // Each line is a second after the one before.
    expect(await store.lineAt(new Date(Date.UTC(2026, 0, 1, 0, 0, 20)))).toBe(20);
    expect(await store.lineAt(new Date(Date.UTC(2027, 0, 1)))).toBe(50);
  });
});
