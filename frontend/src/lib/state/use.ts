import type { Door } from '$lib/api';

// A minute is the shortest time of no use that can be set.
const tellEvery = 30_000;
const frameEvery = 1000;

/**
 * Tells the engine that a person is there, since the door is asked by the
 * pages themselves, too. What counts is input: keys, clicks, the wheel, a mouse
 * that moves. Gives back how to stop.
 */
export function followUse(api: Door, signedIn: () => boolean): () => void {
  let waiting: ReturnType<typeof setTimeout> | undefined;
  let used = false;

  function tell() {
    used = false;
    // Where it fails, the session has ended and is told so.
    if (signedIn()) api.call('Session.Use').catch(() => undefined);
    waiting = setTimeout(() => {
      waiting = undefined;
      if (used) tell();
    }, tellEvery);
  }

  function use(event?: Event) {
    // Browsers send moves of a mouse that lies still when the page below it changes.
    if (event instanceof PointerEvent && event.type === 'pointermove' && !event.movementX && !event.movementY)
      return;
    used = true;
    if (waiting === undefined) tell();
  }

  // Input in a script's page is not seen from here, but for what the browser tells of every frame's.
  const frames = setInterval(() => {
    if (document.activeElement?.tagName === 'IFRAME' && navigator.userActivation?.isActive) use();
  }, frameEvery);
  const kinds = ['keydown', 'pointerdown', 'pointermove', 'wheel', 'input', 'drop'];
  for (const kind of kinds) window.addEventListener(kind, use, { capture: true, passive: true });
  return () => {
    clearInterval(frames);
    clearTimeout(waiting);
    for (const kind of kinds) window.removeEventListener(kind, use, { capture: true });
  };
}
