import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TestDoor } from '../../test/door';
import { followUse } from './use';

// USR-4: only what a person does keeps a session.
describe('followUse', () => {
  let stop: () => void = () => undefined;
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => {
    stop();
    vi.useRealTimers();
  });

  function start(signedIn = () => true) {
    const door = new TestDoor({ 'Session.Use': () => null });
    stop = followUse(door, signedIn);
    return door;
  }

  it('tells nothing while nobody does anything', () => {
    const door = start();
    vi.advanceTimersByTime(3_600_000);
    expect(door.calls).toHaveLength(0);
  });

  it('tells at once, then the last of what came twice a minute', () => {
    const door = start();
    for (let i = 0; i < 20; i += 1) window.dispatchEvent(new KeyboardEvent('keydown', { key: 'a' }));
    expect(door.calls).toHaveLength(1);
    vi.advanceTimersByTime(30_000);
    expect(door.calls).toHaveLength(2);
    vi.advanceTimersByTime(600_000);
    expect(door.calls).toHaveLength(2);
    window.dispatchEvent(new Event('pointerdown'));
    expect(door.calls).toHaveLength(3);
  });

  it('counts a script’s page that is typed in, and not one that only lies open', () => {
    const activation = { isActive: false, hasBeenActive: true };
    vi.stubGlobal('navigator', { userActivation: activation });
    const frame = document.body.appendChild(document.createElement('iframe'));
    const door = start();
    vi.spyOn(document, 'activeElement', 'get').mockReturnValue(frame);
    vi.advanceTimersByTime(5000);
    expect(door.calls).toHaveLength(0);
    activation.isActive = true;
    vi.advanceTimersByTime(1000);
    expect(door.calls).toHaveLength(1);
    frame.remove();
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });

  it('tells nothing where nobody is signed in', () => {
    const door = start(() => false);
    window.dispatchEvent(new Event('wheel'));
    expect(door.calls).toHaveLength(0);
  });
});
