import { describe, expect, it } from 'vitest';
import type { DoorEvent } from './types';
import { WailsDoor } from './wails';

describe('WailsDoor', () => {
  it('passes method and argument as JSON and opens the answer', async () => {
    const seen: string[][] = [];
    const door = new WailsDoor({
      go: {
        desktop: {
          Door: {
            Call: (method, argument) => {
              seen.push([method, argument]);
              return Promise.resolve('{"result":[{"id":"g"}]}');
            },
          },
        },
      },
    });
    await expect(door.call('Scripts.List', { group_id: 'g' })).resolves.toEqual([{ id: 'g' }]);
    expect(seen).toEqual([['Scripts.List', '{"group_id":"g"}']]);
  });

  it('throws the error of the answer', async () => {
    const Call = () => Promise.resolve('{"error":{"code":"not_allowed","params":{"level":"admin"}}}');
    const door = new WailsDoor({ go: { desktop: { Door: { Call } } } });
    await expect(door.call('Users.List')).rejects.toMatchObject({
      code: 'not_allowed',
      params: { level: 'admin' },
    });
  });

  it('hands over a batch event by event', () => {
    let emit: (batch: DoorEvent[]) => void = () => undefined;
    const door = new WailsDoor({
      runtime: {
        EventsOn: (_, receive) => {
          emit = receive;
          return () => undefined;
        },
      },
    });
    const seen: string[] = [];
    const stop = door.listen((event) => seen.push(event.type));
    emit([
      { seq: 1, type: 'environment.changed', data: { added: [], removed: [], changed: [] } },
      { seq: 4, type: 'missed' },
    ]);
    stop();
    emit([{ seq: 5, type: 'missed' }]);
    expect(seen).toEqual(['environment.changed', 'missed']);
  });
});
