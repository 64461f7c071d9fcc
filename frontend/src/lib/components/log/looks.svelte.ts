import { remembered } from '$lib/state/storage';
import type { TimeStyle } from './times';

/** How logs are shown in this browser, remembered from one to the next. */
export class Looks {
  times = $state<TimeStyle>('off');
  wrap = $state(remembered.get('log.wrap') === 'true');
  numbers = $state(remembered.get('log.numbers') !== 'false');
  /** Whether control characters are shown as signs; never for long, so it is not remembered. */
  raw = $state(false);

  constructor() {
    const kept = remembered.get('log.times');
    if (kept === 'absolute' || kept === 'relative') this.times = kept;
  }

  setTimes(times: TimeStyle): void {
    this.times = times;
    remembered.set('log.times', times);
  }

  toggle(look: 'wrap' | 'numbers' | 'raw'): void {
    this[look] = !this[look];
    if (look !== 'raw') remembered.set(`log.${look}`, String(this[look]));
  }
}
