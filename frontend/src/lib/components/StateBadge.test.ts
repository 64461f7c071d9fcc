import { render, screen } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import type { Phase, State } from '$lib/api/types';
import StateBadge from './StateBadge.svelte';

// EXE-2: one word for each state, and for a running one what it does.
describe('StateBadge', () => {
  it.each<[State, Phase, string]>([
    ['queued', '', 'Queued'],
    ['running', 'environment', 'Starting'],
    ['running', 'port', 'Starting'],
    ['running', 'starting', 'Starting'],
    ['running', 'ready', 'Running'],
    ['running', 'stopping', 'Stopping'],
    ['completed', '', 'Completed'],
    ['failed', '', 'Failed'],
    ['terminated', '', 'Terminated'],
  ])('says of %s %s: %s', (state, phase, word) => {
    render(StateBadge, { execution: { state, phase } });
    expect(screen.getByText(word)).toBeVisible();
  });

  it('says the place of one that waits', () => {
    const queue = { limit: 'max_concurrent_interfaces', value: 20, place: 3 } as const;
    render(StateBadge, { execution: { state: 'queued', phase: '', queue } });
    expect(screen.getByText('Queued · place 3')).toBeVisible();
  });
});
