import { fireEvent, render, screen } from '@testing-library/svelte';
import { createRawSnippet } from 'svelte';
import { afterEach, expect, test, vi } from 'vitest';
import ChangeForm from './ChangeForm.svelte';

const fields = createRawSnippet(() => ({
  render: () => '<div><input type="radio" aria-label="way"><input aria-label="name"></div>',
}));

function open(props: { busy?: boolean } = {}) {
  const opener = document.body.appendChild(document.createElement('button'));
  opener.focus();
  const onsubmit = vi.fn();
  const oncancel = vi.fn();
  const view = render(ChangeForm, {
    title: 'New',
    submit: 'Make',
    busy: false,
    failure: null,
    onsubmit,
    oncancel,
    children: fields,
    ...props,
  });
  return { opener, onsubmit, oncancel, view };
}

afterEach(() => document.body.replaceChildren());

test('the focus goes to the first field, and back to where the form was opened', () => {
  const { opener, view } = open();
  expect(document.activeElement).toBe(screen.getByLabelText('name'));
  view.unmount();
  expect(document.activeElement).toBe(opener);
});

test('the focus is left where the person has put it meanwhile', () => {
  const { view } = open();
  const elsewhere = document.body.appendChild(document.createElement('button'));
  elsewhere.focus();
  view.unmount();
  expect(document.activeElement).toBe(elsewhere);
});

test('Escape gives up, unless something above the form is meant', async () => {
  const { oncancel } = open();
  const field = screen.getByLabelText('name');
  field.addEventListener('keydown', (event) => event.preventDefault(), { once: true });
  await fireEvent.keyDown(field, { key: 'Escape' });
  const dialog = document.body.appendChild(document.createElement('dialog'));
  dialog.setAttribute('open', '');
  await fireEvent.keyDown(field, { key: 'Escape' });
  expect(oncancel).not.toHaveBeenCalled();
  dialog.remove();
  await fireEvent.keyDown(field, { key: 'Escape' });
  expect(oncancel).toHaveBeenCalledOnce();
});

test('Escape in a field outside of the form is not meant for it', async () => {
  const { oncancel } = open();
  const search = document.body.appendChild(document.createElement('input'));
  search.focus();
  await fireEvent.keyDown(search, { key: 'Escape' });
  expect(oncancel).not.toHaveBeenCalled();
  search.blur();
  await fireEvent.keyDown(document.body, { key: 'Escape' });
  expect(oncancel).toHaveBeenCalledOnce();
});

test('Escape that ends the composing of letters leaves the form', async () => {
  const { oncancel } = open();
  await fireEvent.keyDown(screen.getByLabelText('name'), { key: 'Escape', isComposing: true });
  expect(oncancel).not.toHaveBeenCalled();
});

test('Escape does not give up what is under way', async () => {
  const { oncancel } = open({ busy: true });
  await fireEvent.keyDown(screen.getByLabelText('name'), { key: 'Escape' });
  expect(oncancel).not.toHaveBeenCalled();
});

test('what is busy cannot be sent again', async () => {
  const { onsubmit } = open({ busy: true });
  expect(screen.getByRole('button', { name: 'Make' })).toBeDisabled();
  const form = screen.getByRole('button', { name: 'Make' }).closest('form');
  if (form) await fireEvent.submit(form);
  expect(form).not.toBeNull();
  expect(onsubmit).not.toHaveBeenCalled();
});
