import { fireEvent, render, screen, within } from '@testing-library/svelte';
import { describe, expect, it, vi } from 'vitest';
import type { DoorError, Parameter, ParameterType } from '$lib/api/types';
import { i18n } from '$lib/i18n/i18n.svelte';
import ParameterForm from './ParameterForm.svelte';

/** The form as a page uses it: what it changes comes back as its values. */
function open(
  parameters: Parameter[],
  start: Record<string, unknown> = {},
  errors: Record<string, DoorError> = {},
) {
  const state = { values: start };
  const onsubmit = vi.fn();
  const view = render(ParameterForm, {
    parameters,
    values: start,
    errors,
    onsubmit,
    onchange: (values: Record<string, unknown>) => {
      state.values = values;
      void view.rerender({ values });
    },
  });
  return { state, onsubmit, view };
}

const type = (label: string | RegExp, value: string) =>
  fireEvent.input(screen.getByLabelText(label), { target: { value } });

describe('ParameterForm', () => {
  const types: ParameterType[] = ['string', 'text', 'integer', 'number', 'boolean', 'select', 'path', 'file'];
  types.push('directory', 'date', 'datetime', 'color', 'password', 'json');

  it.each(types)('has a named field for %s', (kind) => {
    open([{ name: 'p', type: kind, label: { en: 'Thing' }, options: [{ value: 'a' }] }]);
    expect(screen.getByLabelText('Thing')).toBeInTheDocument();
  });

  it('shows labels and options in the language of the person', async () => {
    await i18n.use('it');
    open([
      { name: 'p', type: 'select', label: { it: 'Modo' }, options: [{ value: 'a', label: { it: 'Primo' } }] },
    ]);
    expect(within(screen.getByLabelText('Modo')).getByText('Primo')).toBeInTheDocument();
    await i18n.use('en');
  });

  it('gives a number for a number typed with the decimal comma of the language', async () => {
    await i18n.use('es');
    const { state } = open([{ name: 'speed', type: 'number' }]);
    await type('speed', '1,5');
    expect(state.values).toEqual({ speed: 1.5 });
    expect(screen.getByLabelText('speed')).toHaveValue('1,5');
    await i18n.use('en');
  });

  it('says at the field what is wrong while it is typed', async () => {
    open([{ name: 'speed', type: 'integer', max: 10, label: { en: 'Speed' } }]);
    expect(screen.queryByText('Speed must be 10 or less.')).toBeNull();
    await type('Speed', '11');
    const field = screen.getByLabelText('Speed');
    expect(field).toHaveAttribute('aria-invalid', 'true');
    expect(field).toHaveAccessibleDescription(/Speed must be 10 or less\./);
    await type('Speed', '9');
    expect(field).not.toHaveAttribute('aria-invalid');
  });

  it('shows the errors of the engine and goes to the first of them, not again while typing', async () => {
    const parameters: Parameter[] = [
      { name: 'a', type: 'string' },
      { name: 'b', type: 'file' },
      { name: 'c', type: 'file' },
    ];
    const { view } = open(parameters, { b: '/no', c: '/no' });
    const b = { code: 'parameter_path', params: { name: 'b', path: '/no' } };
    const c = { code: 'parameter_path', params: { name: 'c', path: '/no' } };
    await view.rerender({ errors: { b, c } });
    expect(screen.getByLabelText('b')).toHaveFocus();
    expect(screen.getByLabelText('b')).toHaveAccessibleDescription(/\/no does not exist/);
    screen.getByLabelText('a').focus();
    await view.rerender({ errors: { c } });
    expect(screen.getByLabelText('a')).toHaveFocus();
  });

  it('hides what does not apply', async () => {
    open(
      [
        { name: 'mode', type: 'select', options: [{ value: 'x' }, { value: 'y' }] },
        { name: 'detail', type: 'string', depends_on: { mode: 'y' } },
      ],
      { mode: 'x' },
    );
    expect(screen.queryByLabelText('detail')).toBeNull();
    await fireEvent.change(screen.getByLabelText('mode'), { target: { value: 'y' } });
    expect(screen.getByLabelText('detail')).toBeInTheDocument();
  });

  it('takes a list of values, one field each', async () => {
    const { state } = open([{ name: 'ids', type: 'integer', multiple: true }], { ids: [1] });
    await fireEvent.click(screen.getByRole('button', { name: 'Add a value' }));
    expect(screen.getByLabelText('ids, value 2')).toHaveFocus();
    expect(state.values).toEqual({ ids: [1] });
    await type('ids, value 2', '7');
    expect(state.values).toEqual({ ids: [1, 7] });
    await fireEvent.click(screen.getByRole('button', { name: 'Remove value 1' }));
    expect(state.values).toEqual({ ids: [7] });
    expect(screen.getByLabelText('ids, value 1')).toHaveFocus();
  });

  it('marks the one wrong value of a list', async () => {
    open([{ name: 'ids', type: 'integer', multiple: true }], { ids: [1, 2] });
    await type('ids, value 2', 'x');
    expect(screen.getByLabelText('ids, value 1')).not.toHaveAttribute('aria-invalid');
    expect(screen.getByLabelText('ids, value 2')).toHaveAttribute('aria-invalid', 'true');
  });

  it('ticks the options of a multiselect, in their order', async () => {
    const options = [{ value: 'a' }, { value: 'b' }, { value: 'c' }];
    const { state } = open([{ name: 'parts', type: 'multiselect', options }], { parts: ['c'] });
    await fireEvent.click(screen.getByLabelText('a'));
    expect(state.values).toEqual({ parts: ['a', 'c'] });
    expect(screen.getByRole('group', { name: 'parts' })).toBeInTheDocument();
  });

  it('never shows a secret that it did not see typed', async () => {
    const { state } = open([{ name: 'key', type: 'string', sensitive: true }], { key: 's3cret' });
    const field = screen.getByLabelText('key');
    expect(field).toHaveValue('');
    expect(field).toHaveAttribute('type', 'password');
    expect(document.body.innerHTML).not.toContain('s3cret');
    await type('key', 'new');
    expect(state.values).toEqual({ key: 'new' });
    expect(field).toHaveValue('new');
  });

  it('follows values that change outside, as by a reset', async () => {
    const { view } = open([{ name: 'n', type: 'number', default: 2 }]);
    await type('n', '2.50');
    await view.rerender({ values: { n: 2 } });
    expect(screen.getByLabelText('n')).toHaveValue('2');
  });

  it('submits when all is right, else goes to the first wrong field', async () => {
    const { onsubmit } = open([
      { name: 'a', type: 'string' },
      { name: 'b', type: 'string', required: true },
    ]);
    const form = document.querySelector('form') as HTMLFormElement;
    await fireEvent.submit(form);
    expect(onsubmit).not.toHaveBeenCalled();
    expect(screen.getByLabelText(/^b/)).toHaveFocus();
    await type(/^b/, 'x');
    await fireEvent.submit(form);
    expect(onsubmit).toHaveBeenCalledOnce();
  });

  it('ends a long form with a way to run, a short one not', () => {
    const field = (name: string): Parameter => ({ name, type: 'string' });
    open(['a', 'b', 'c'].map(field));
    expect(screen.queryByRole('button', { name: i18n.t('ui.run.run') })).toBeNull();
    open(['d', 'e', 'f', 'g'].map(field));
    expect(screen.getByRole('button', { name: i18n.t('ui.run.run') })).toHaveAttribute('type', 'submit');
  });

  it('puts text in as text', () => {
    const text = '<img src=x onerror=alert(1)>';
    open([{ name: 'p', type: 'string', label: { en: text }, description: { en: text } }]);
    expect(document.querySelector('img')).toBeNull();
    expect(screen.getAllByText(text)).toHaveLength(2);
  });
});
