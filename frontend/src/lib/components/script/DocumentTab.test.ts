import { fireEvent, render, screen } from '@testing-library/svelte';
import { expect, it, vi } from 'vitest';
import type { DocumentView } from '$lib/api/types';
import DocumentTab from './DocumentTab.svelte';

it('asks for the document again only where the script has others, and keeps what was chosen', async () => {
  const document = { language: 'en', path: 'docs/a.md', html: '<p>one</p>' } as DocumentView;
  const onload = vi.fn();
  const onchoose = vi.fn();
  const props = { scriptId: 'g/a', document, failure: null, available: ['en', 'it'], onload, onchoose };
  const { rerender } = render(DocumentTab, props);
  expect(onload).toHaveBeenCalledTimes(1);
  await fireEvent.click(screen.getByRole('button', { name: 'Italiano' }));
  expect(onchoose).toHaveBeenCalledWith('it');
  await rerender({ ...props, available: ['en', 'it'] }); // as upon each event
  expect(onload).toHaveBeenCalledTimes(1);
  await rerender({ ...props, available: ['en', 'es', 'it'] });
  expect(onload).toHaveBeenCalledTimes(2);
});
