import { expect, it } from 'vitest';
import { DoorFailure, type ExecutionMarks } from '$lib/api';
import { TestDoor } from '../../test/door';
import { MarksStore } from './marks.svelte';

const none: ExecutionMarks = { bookmarked: false, note: '' };

it('keeps a note and a bookmark that are set one right after the other', async () => {
  let kept = none;
  const door = new TestDoor({
    'Executions.Marks': () => kept,
    'Executions.SetMark': async ({ bookmarked, note }) => {
      await Promise.resolve();
      return (kept = { bookmarked, note });
    },
  });
  const store = new MarksStore(door);
  await store.open('e1');
  const answers = [store.mark({ bookmarked: true }), store.mark({ note: 'leaks' })];
  expect(await Promise.all(answers)).toEqual([true, true]);
  expect(kept).toEqual({ bookmarked: true, note: 'leaks' });
  expect(store.marks).toEqual(kept);
});

it('keeps what was wanted of an execution that is not shown any more, and shows it of no other', async () => {
  const set: string[] = [];
  const door = new TestDoor({
    'Executions.Marks': () => none,
    'Executions.SetMark': ({ execution_id, bookmarked, note }) => {
      set.push(execution_id);
      return { bookmarked, note };
    },
  });
  const store = new MarksStore(door);
  await store.open('e1');
  const answer = store.mark({ note: 'of e1' });
  await store.open('e2');
  expect(await answer).toBe(true);
  expect(set).toEqual(['e1']);
  expect(store.marks).toEqual(none);
});

it('says why the timeline is not known, apart from the marks, until it is', async () => {
  let works = false;
  const failure = new DoorFailure({ code: 'unavailable', params: {} });
  const door = new TestDoor({
    'Executions.Marks': () => none,
    'Executions.SetMark': () => {
      throw failure;
    },
    'Executions.Timeline': () => {
      if (!works) throw failure;
      return { spans: [], uses: [] };
    },
  });
  const store = new MarksStore(door);
  await store.open('e1');
  await store.loadTimeline();
  expect([store.failure, store.timelineFailure?.code]).toEqual([null, 'unavailable']);
  works = true;
  await store.loadTimeline();
  expect(store.timelineFailure).toBeNull();
  expect(await store.mark({ note: 'x' })).toBe(false);
  expect(store.failure?.code).toBe('unavailable');
  await store.open('e2');
  expect(store.failure).toBeNull();
});
