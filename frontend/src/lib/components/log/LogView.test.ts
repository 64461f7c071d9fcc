import { configure, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { describe, expect, it, vi } from 'vitest';
import type { KeptView } from './kept';
import { FakeLog } from './testing';
import LogView from './LogView.svelte';

// A busy machine draws slowly.
configure({ asyncUtilTimeout: 20_000 });
vi.setConfig({ testTimeout: 60_000 });

function open(log: FakeLog, live = false) {
  return render(LogView, { executionId: 'e1', live, api: log.door });
}

const texts = () => [...document.querySelectorAll('.line .text')].map((node) => node.textContent);

describe('LogView', () => {
  it('shows the end of a long log and keeps few lines in the page', async () => {
    const log = new FakeLog();
    log.ended = true;
    log.add(25_000);
    open(log);
    await waitFor(() => expect(texts().at(-1)).toBe('line 25000'));
    expect(document.querySelectorAll('.line').length).toBeLessThan(60);
    expect(screen.getByText('25,000 lines')).toBeInTheDocument();
  });

  it('reads the beginning when it is scrolled to', async () => {
    const log = new FakeLog();
    log.ended = true;
    log.add(25_000);
    open(log);
    await waitFor(() => expect(texts().at(-1)).toBe('line 25000'));
    await fireEvent.keyDown(screen.getByRole('log'), { key: 'Home' });
    await waitFor(() => expect(texts()[0]).toBe('line 1'));
    expect(screen.getByRole('button', { name: /to the end/i })).toBeInTheDocument();
  });

  it('follows the end while new lines come, but not from further up', async () => {
    const log = new FakeLog();
    log.add(200);
    open(log, true);
    await waitFor(() => expect(texts().at(-1)).toBe('line 200'));
    log.add(1);
    log.output();
    await waitFor(() => expect(texts().at(-1)).toBe('line 201'));
    await fireEvent.keyDown(screen.getByRole('log'), { key: 'Home' });
    await waitFor(() => expect(texts()[0]).toBe('line 1'));
    log.add(1);
    log.output();
    await waitFor(() => expect(screen.getByText('202 lines')).toBeInTheDocument());
    expect(texts()[0]).toBe('line 1');
  });

  it('stays where it is while the mouse is held', async () => {
    const log = new FakeLog();
    log.add(200);
    open(log, true);
    await waitFor(() => expect(texts().at(-1)).toBe('line 200'));
    const scroller = screen.getByRole('log');
    Object.defineProperty(scroller, 'clientWidth', { value: 500 });
    await fireEvent.pointerDown(scroller, { button: 0 });
    log.add(100);
    log.output();
    await waitFor(() => expect(screen.getByText('300 lines')).toBeInTheDocument());
    expect(texts()).not.toContain('line 300');
    await fireEvent.pointerUp(window);
    await waitFor(() => expect(texts().at(-1)).toBe('line 300'));
  });

  it('shows nothing in the text as HTML', async () => {
    const log = new FakeLog();
    log.ended = true;
    log.lines.push(['stdout', '<img src=x onerror="alert(1)"><b>bold</b>']);
    open(log);
    await waitFor(() => expect(texts()).toEqual(['<img src=x onerror="alert(1)"><b>bold</b>']));
    expect(document.querySelector('.line img, .line b')).toBeNull();
  });

  it('marks unfinished and wrong lines, colours by SGR', async () => {
    const log = new FakeLog();
    log.lines.push(
      ['stderr', 'Traceback (most recent call last):'],
      ['stderr', '  File "a.py", line 1, in <module>'],
      ['stderr', 'mymodule.Odd: no value'],
      ['stdout', '\u001b[31mred\u001b[0m plain'],
    );
    log.open = [['stdout', 'Password:']];
    open(log, true);
    await waitFor(() => expect(texts()).toHaveLength(5));
    expect(document.querySelector('.fault .text')).toHaveTextContent('mymodule.Odd: no value');
    expect(document.querySelector('.ansi.c1')).toHaveTextContent('red');
    expect(screen.getByText('[unfinished]')).toBeInTheDocument();
  });

  it('searches, counts and steps', async () => {
    const log = new FakeLog();
    log.ended = true;
    log.add(3000);
    open(log);
    await waitFor(() => expect(texts().at(-1)).toBe('line 3000'));
    const field = screen.getByRole('searchbox', { name: 'Search in the log' });
    await fireEvent.input(field, { target: { value: 'LINE 10' } });
    await waitFor(() => expect(screen.getByText('– of 111')).toBeInTheDocument());
    await fireEvent.keyDown(screen.getByRole('log'), { key: 'Home' });
    await waitFor(() => expect(texts()[0]).toBe('line 1'));
    await fireEvent.keyDown(field, { key: 'Enter' });
    await waitFor(() => expect(screen.getByText('1 of 111')).toBeInTheDocument());
    await waitFor(() => expect(document.querySelector('.hit.current')).toHaveTextContent('line 10'));
    await fireEvent.keyDown(field, { key: 'Enter', shiftKey: true });
    await waitFor(() => expect(screen.getByText('111 of 111')).toBeInTheDocument());
    await waitFor(() => expect(document.querySelector('.hit.current')).not.toBeNull());
    await fireEvent.keyDown(field, { key: 'Escape' });
    expect(document.querySelector('.hit')).toBeNull();
  });

  it('leaves a stream out and shows debug lines alone', async () => {
    const log = new FakeLog();
    log.ended = true;
    for (let i = 0; i < 1500; i++) log.add(1, i % 2 ? 'stderr' : 'stdout');
    open(log);
    await waitFor(() => expect(texts().at(-1)).toBe('line 1500'));
    await fireEvent.click(screen.getByRole('button', { name: 'stderr' }));
    await waitFor(() => expect(screen.getByText('750 lines')).toBeInTheDocument());
    await waitFor(() => expect(texts().at(-1)).toBe('line 1499'));
    await fireEvent.click(screen.getByRole('button', { name: 'debug' }));
    expect(log.calls.at(-1)?.streams).not.toContain('stderr');
    expect(screen.getByRole('button', { name: 'stdout' })).toHaveAttribute('aria-pressed', 'false');
    await waitFor(() => expect(log.calls.at(-1)?.streams).toEqual(['debug']));
  });

  it('says why it cannot read, and tries again when asked', async () => {
    const log = new FakeLog();
    log.ended = true;
    log.add(3);
    log.failing = true;
    open(log);
    await screen.findByRole('alert');
    log.failing = false;
    await fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
    await waitFor(() => expect(texts()).toEqual(['line 1', 'line 2', 'line 3']));
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('says that there is no output', async () => {
    const log = new FakeLog();
    log.ended = true;
    open(log);
    expect(await screen.findByText('No output')).toBeInTheDocument();
  });

  it('begins anew with a log that was cut off', async () => {
    const log = new FakeLog();
    log.add(100);
    open(log, true);
    await waitFor(() => expect(texts().at(-1)).toBe('line 100'));
    await waitFor(() => expect(log.folded).toHaveLength(1));
    log.lines.length = 3;
    log.send({ seq: 2, type: 'missed' });
    await screen.findByText(/deleted or cut off: it had 100 lines/);
    await waitFor(() => expect(texts()).toEqual(['line 1', 'line 2', 'line 3']));
    await waitFor(() => expect(log.folded.at(-1)).toMatchObject({ from: 1, row: 0 }));
    expect(log.folded.length).toBeGreaterThan(1);
    log.lines.length = 0;
    log.send({ seq: 3, type: 'missed' });
    expect(await screen.findByText('The log is not there any more')).toBeInTheDocument();
  });

  it('says so where the log was gone before it was opened, whichever stream is shown', async () => {
    const log = new FakeLog();
    const props = { executionId: 'e1', live: false, api: log.door };
    const { rerender } = render(LogView, { ...props, live: true, written: 12 });
    expect(await screen.findByText('No output yet')).toBeInTheDocument();
    await rerender({ ...props, written: 12 });
    expect(await screen.findByText('The log is not there any more')).toBeInTheDocument();
    expect(screen.getByRole('alert')).toHaveTextContent('it had 12 lines');
    await fireEvent.click(screen.getByRole('button', { name: 'stderr' }));
    await waitFor(() => expect(log.calls.at(-1)?.streams).toEqual(['stdout']));
    expect(await screen.findByText('The log is not there any more')).toBeInTheDocument();
    // What its phases were is kept apart.
    await fireEvent.click(screen.getByRole('button', { name: 'debug' }));
    expect(await screen.findByText('No output')).toBeInTheDocument();
  });

  it('goes on where it was looked at before, in one stream, too', async () => {
    const log = new FakeLog();
    log.ended = true;
    log.add(3000, 'stderr');
    const streams = ['stderr'] as const;
    const query = { text: 'line 42', case: false, word: false, regexp: false };
    const kept: KeptView = { row: 1000, rest: 0, follow: false, streams, query, current: 1005 };
    render(LogView, { executionId: 'e1', live: false, api: log.door, streams, kept });
    await waitFor(() => expect(texts()[8]).toBe('line 1001'));
    expect(document.querySelector('.stepped')).toHaveTextContent('line 1005');
    expect(log.sought).toBe(3); // once through all of it
    expect(log.calls.every((call) => call.streams.join() === 'stderr')).toBe(true);
  });

  it('goes on where it was looked at before', async () => {
    const log = new FakeLog();
    log.ended = true;
    log.add(3000);
    let kept: KeptView | undefined;
    const streams = ['stdout', 'stderr'] as const;
    const query = { text: 'line 42', case: false, word: false, regexp: false };
    const { unmount } = render(LogView, {
      executionId: 'e1',
      live: false,
      api: log.door,
      kept: { row: 1000, rest: 0, follow: false, streams, query, current: 1005 },
      onkeep: (view: KeptView) => (kept = view),
    });
    // Some rows above and below the view are drawn as well.
    await waitFor(() => expect(texts()[8]).toBe('line 1001'));
    expect(document.querySelector('.stepped')).toHaveTextContent('line 1005');
    expect(screen.getByRole('searchbox', { name: 'Search in the log' })).toHaveValue('line 42');
    await fireEvent.keyDown(screen.getByRole('log'), { key: 'ArrowDown' });
    unmount();
    expect(kept).toMatchObject({ row: 1001, follow: false, streams, query, current: 1005 });
  });
});
