import { render, screen } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import ErrorNotice from './ErrorNotice.svelte';

describe('ErrorNotice', () => {
  it('tells the sentence with its parameters, and folds the details', () => {
    render(ErrorNotice, {
      error: { code: 'module_missing', params: { script: 's', module: 'pandas', environment: 'base' } },
    });
    expect(screen.getByRole('alert')).toHaveTextContent('pandas');
    expect(screen.getByText('Details').closest('details')).not.toHaveAttribute('open');
  });

  it('says what to do about a code that it does not know', () => {
    render(ErrorNotice, { error: { code: 'from_tomorrow' } });
    expect(screen.getByRole('alert')).toHaveTextContent('from_tomorrow');
    expect(screen.getByRole('alert')).toHaveTextContent('Try again');
  });
});
