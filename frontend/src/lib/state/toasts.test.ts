import { afterEach, describe, expect, it, vi } from 'vitest';
import { Toasts } from './toasts.svelte';

describe('Toasts', () => {
  afterEach(() => vi.useRealTimers());

  it('takes away what is not so any more, and tells of one thing once', () => {
    const toasts = new Toasts();
    const link = { href: '#/', label: 'Show' };
    toasts.show({ tone: 'warn', title: 'ends in 30 s', link, about: 'a' });
    toasts.show({ tone: 'bad', title: 'failed' });
    toasts.show({ tone: 'warn', title: 'ends in 60 s', link, about: 'a' });
    expect(toasts.items.map((toast) => toast.title)).toEqual(['failed', 'ends in 60 s']);
    toasts.over('another');
    toasts.over('a');
    expect(toasts.items.map((toast) => toast.title)).toEqual(['failed']);
  });

  it('keeps the newest three', () => {
    const toasts = new Toasts();
    for (const title of ['1', '2', '3', '4']) toasts.show({ tone: 'bad', title });
    expect(toasts.items.map((toast) => toast.title)).toEqual(['2', '3', '4']);
  });

  it('leaves failures and what has a link until they are closed', () => {
    vi.useFakeTimers();
    const toasts = new Toasts();
    toasts.show({ tone: 'ok', title: 'done' });
    toasts.show({ tone: 'bad', title: 'failed' });
    vi.advanceTimersByTime(60_000);
    expect(toasts.items.map((toast) => toast.title)).toEqual(['failed']);
    toasts.close(toasts.items[0]?.id ?? 0);
    expect(toasts.items).toEqual([]);
  });
});
