import { render, screen } from '@testing-library/svelte';
import { expect, it } from 'vitest';
import type { ProjectView } from '$lib/api/projects';
import ProjectTable from './ProjectTable.svelte';

it('says at a project that its automatic backup fails, why and since when', () => {
  const project = {
    id: 2,
    user_id: 1,
    name: 'Oven',
    unsaved: {
      project_id: 2,
      project: 'Oven',
      user_id: 1,
      user: 'ana',
      since: '2026-11-01T02:00:00Z',
      at: '2026-11-03T02:00:00Z',
      execution_id: 'job-7',
      error: { code: 'disk_full', params: { path: '/data' } },
      reason: 'exit_code',
      reason_params: { exit_code: 1 },
    },
  } as unknown as ProjectView;
  const { container } = render(ProjectTable, {
    label: 'Projects',
    items: [project],
    own: true,
    sharing: false,
    onaction: () => undefined,
  });
  expect(container.textContent).toContain('The automatic backup has failed since');
  expect(container.textContent).toContain('There is no space left on the disk that holds /data');
  expect(screen.getByRole('link', { name: 'The failed job' }).getAttribute('href')).toContain('job-7');
});
