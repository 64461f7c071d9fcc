import { render } from '@testing-library/svelte';
import { expect, it, vi } from 'vitest';
import DocumentBody from './DocumentBody.svelte';

it('builds the page again, and goes to the heading again, only where they are others', async () => {
  const scrolled = vi.fn();
  Element.prototype.scrollIntoView = scrolled;
  const props = {
    scriptId: 'g/a',
    html: '<h2 id="cold">Cold</h2><p>one</p>',
    language: 'en',
    heading: 'cold',
  };
  const { container, rerender } = render(DocumentBody, props);
  const first = container.querySelector('p');
  expect(scrolled).toHaveBeenCalledTimes(1);

  await rerender({ ...props });
  expect(container.querySelector('p')).toBe(first);

  await rerender({ ...props, html: '<h2 id="cold">Cold</h2><p>two</p>' });
  expect(container.querySelector('p')?.textContent).toBe('two');
  expect(scrolled).toHaveBeenCalledTimes(1);

  await rerender({ ...props, html: '<h2 id="hot">Hot</h2>', heading: 'hot' });
  expect(scrolled).toHaveBeenCalledTimes(2);
});
