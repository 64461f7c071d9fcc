import { render, screen } from '@testing-library/svelte';
import { expect, it } from 'vitest';
import type { Progress } from '$lib/api/types';
import ProgressBar from './ProgressBar.svelte';

const nothing: Progress = { percent_done: 0, step: '', steps: [], text: '' };

it('tells how far it is, and what is left', () => {
  render(ProgressBar, {
    progress: { ...nothing, percent_done: 41.6, files_done: 3, total_files: 7, eta_seconds: 90 },
    label: 'Report',
  });
  expect(screen.getByRole('progressbar', { name: 'Report' }).getAttribute('aria-valuenow')).toBe('42');
  expect(document.body.textContent).toMatch(/42.?%/);
  expect(document.body.textContent).toContain('3 of 7');
  expect(document.body.textContent).toContain('left');
});

it('says no figure that a script did not tell', () => {
  render(ProgressBar, { progress: { ...nothing, text: 'Thinking' }, label: 'Report' });
  expect(screen.getByRole('progressbar').hasAttribute('aria-valuenow')).toBe(false);
  expect(document.body.textContent).not.toContain('%');
});

it('a job that has not begun is at 0', () => {
  render(ProgressBar, {
    progress: { ...nothing, steps: [{ name: 'solve', state: 'pending' }] },
    label: 'Report',
  });
  expect(screen.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('0');
});
