import { describe, expect, it } from 'vitest';
import { execution, TestDoor } from '../../test/door';
import { executionDetails } from './details';

describe('executionDetails', () => {
  const failed = execution({
    state: 'failed',
    exit_code: 3,
    environment: 'base',
    environment_path: '/opt/base',
    command: ['python3', '-u', 'heat.py'],
    created_at: '2026-01-02T03:04:05Z',
  });

  it('has what identifies it, how it ended and the end of its output', async () => {
    const door = new TestDoor({
      'Executions.Log': () => ({ lines: [{ seq: 7, text: 'KeyError: 7' }], total: 7, next: 8 }),
    });
    const text = await executionDetails(door, failed, 'Heat');
    for (const part of [
      'Heat — project_default — ana',
      'e1  2026',
      '/opt/base',
      ': 3',
      'python3 -u heat.py',
      'KeyError: 7',
    ]) {
      expect(text).toContain(part);
    }
    expect(door.calls[0]?.argument).toMatchObject({ execution_id: 'e1', from: -200 });
  });

  it('comes without the output where that cannot be read', async () => {
    const text = await executionDetails(new TestDoor({}), failed, 'Heat');
    expect(text).toContain('python3 -u heat.py');
  });
});
