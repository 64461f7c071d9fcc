import { render, screen } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import type { Environment } from '$lib/api/types';
import EnvironmentChip from './EnvironmentChip.svelte';

const environment = (name: string) =>
  ({
    id: 1,
    name,
    path: '/opt/python',
    kind: 'system',
    python_version: '3.11.2',
    state: 'ok',
  }) as unknown as Environment;

describe('EnvironmentChip', () => {
  it('shows the version of Python once', () => {
    const { unmount } = render(EnvironmentChip, { environment: environment('system') });
    expect(screen.getByText('3.11.2')).toBeVisible();
    unmount();
    render(EnvironmentChip, { environment: environment('python-3.11.2') });
    expect(screen.queryByText('3.11.2')).toBeNull();
    expect(screen.getByText('python-3.11.2')).toBeVisible();
  });
});
