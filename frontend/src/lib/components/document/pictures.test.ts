import { describe, expect, it, vi } from 'vitest';
import type { Picture } from '$lib/state/pictures';
import { bytesMost, picturesMost, showPictures } from './pictures';

function page(...paths: string[]) {
  const host = document.createElement('div');
  for (const path of paths) {
    const image = document.createElement('img');
    image.dataset['image'] = path;
    host.append(image);
  }
  return host;
}

const words = { why: () => 'gone', many: 'too many' };

describe('the pictures of a document', () => {
  it('are fetched once for each file', async () => {
    const ask = vi.fn((path: string): Promise<Picture> =>
      Promise.resolve({ address: `blob:${path}`, size: 1 }),
    );
    const given: string[] = [];
    const host = page('a', 'b', 'a', 'a');
    await showPictures(host, new AbortController().signal, given, { ask, ...words });
    expect(ask.mock.calls.map(([path]) => path)).toEqual(['a', 'b']);
    expect(given).toEqual(['blob:a', 'blob:b']);
    expect([...host.querySelectorAll('img')].map((one) => one.src)).toEqual([
      'blob:a',
      'blob:b',
      'blob:a',
      'blob:a',
    ]);
  });

  it('are bounded in number', async () => {
    const ask = vi.fn((path: string): Promise<Picture> =>
      Promise.resolve({ address: `blob:${path}`, size: 1 }),
    );
    const host = page(...Array.from({ length: picturesMost + 50 }, (_, n) => String(n)));
    await showPictures(host, new AbortController().signal, [], { ask, ...words });
    expect(ask).toHaveBeenCalledTimes(picturesMost);
    expect([...host.querySelectorAll('.image-missing')].map((one) => one.textContent)).toEqual(
      Array<string>(50).fill('too many'),
    );
  });

  it('are bounded in bytes', async () => {
    const ask = vi.fn((path: string): Promise<Picture> =>
      Promise.resolve({ address: `blob:${path}`, size: bytesMost }),
    );
    const host = page('a', 'b', 'c', 'a');
    await showPictures(host, new AbortController().signal, [], { ask, ...words });
    expect(ask).toHaveBeenCalledTimes(2);
    expect(host.querySelectorAll('img')).toHaveLength(3);
    expect(host.querySelectorAll('.image-missing')).toHaveLength(1);
  });

  it('say why there is none, also a second time, without another call', async () => {
    const ask = vi.fn((): Promise<Picture> => Promise.resolve({ failure: { code: 'not_found' } as never }));
    const host = page('a', 'a');
    await showPictures(host, new AbortController().signal, [], { ask, ...words });
    expect(ask).toHaveBeenCalledOnce();
    expect(host.textContent).toBe('gonegone');
  });
});
