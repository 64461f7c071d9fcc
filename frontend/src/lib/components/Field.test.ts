import { fireEvent, render, screen } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import { i18n } from '$lib/i18n/i18n.svelte';
import Field from './Field.svelte';

describe('Field', () => {
  it('says in the language of the product that it is empty, until something is typed', async () => {
    await i18n.use('it');
    render(Field, { label: 'Nome', value: '', required: true });
    const input = screen.getByLabelText<HTMLInputElement>('Nome');
    const asked = new Event('invalid', { cancelable: true });
    await fireEvent(input, asked);
    expect(asked.defaultPrevented).toBe(true);
    expect(screen.getByText(i18n.t('ui.form.fill'))).toBeVisible();
    expect(input).toHaveAttribute('aria-invalid', 'true');
    await fireEvent.input(input, { target: { value: 'a' } });
    expect(screen.queryByText(i18n.t('ui.form.fill'))).toBeNull();
    expect(input).not.toHaveAttribute('aria-invalid');
    await i18n.use('en');
  });

  it('says what an address looks like when it is none', async () => {
    render(Field, { label: 'E-mail', value: 'somebody', type: 'email' });
    const input = screen.getByLabelText<HTMLInputElement>('E-mail');
    expect(input.checkValidity()).toBe(false);
    expect(await screen.findByText(i18n.t('ui.form.email'))).toBeVisible();
  });
});
