/** Whether a mouse button is held over the log: its text may be being selected. */
export class Hold {
  on = $state(false);

  press(event: PointerEvent, width: number): void {
    // On the scroll bar itself the release is not told.
    if (event.button === 0 && event.offsetX < width) this.on = true;
  }

  readonly release = (event: Event): void => {
    const buttons = event instanceof PointerEvent && event.type === 'pointermove' ? event.buttons : 0;
    if (this.on && buttons === 0) this.on = false;
  };

  /** Hears of releases anywhere, until what is given back is called. */
  listen(): () => void {
    const events = ['pointerup', 'pointercancel', 'pointermove', 'blur'];
    for (const event of events) window.addEventListener(event, this.release);
    return () => {
      for (const event of events) window.removeEventListener(event, this.release);
    };
  }
}
