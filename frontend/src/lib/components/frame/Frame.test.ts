import { render } from '@testing-library/svelte';
import { createRawSnippet } from 'svelte';
import { expect, it } from 'vitest';
import { drafts } from '$lib/state/drafts.svelte';
import { FileStore } from '$lib/state/datafile.svelte';
import { session } from '$lib/state/session.svelte';
import { transfers } from '$lib/state/transfers.svelte';
import { TestDoor } from '../../../test/door';
import Frame from './Frame.svelte';

// jsdom has neither.
Element.prototype.scrollIntoView = () => undefined;
HTMLDialogElement.prototype.close = () => undefined;

const children = createRawSnippet(() => ({ render: () => '<p>page</p>' }));

function shows(id: number) {
  session.state = { user: { id, name: String(id), level: 'operator' } } as unknown as typeof session.state;
  return render(Frame, { props: { children } });
}

it('shows nobody what the person before had begun in this tab', () => {
  const place = { project_id: 1, group_id: 'g', path: 'a' };
  shows(1).unmount();
  transfers.items = [];
  transfers.download(place, 'a');
  drafts.keep(new FileStore(place, new TestDoor({})));
  shows(1).unmount(); // came back
  expect([transfers.items.length, drafts.get(place) !== undefined]).toEqual([1, true]);
  shows(2).unmount();
  expect([transfers.items.length, drafts.get(place) !== undefined]).toEqual([0, false]);
});
