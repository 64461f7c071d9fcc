import { remembered } from './storage';

/** What of the frame is open. */
class Shell {
  folded = $state(remembered.get('nav') === 'folded');
  palette = $state(false);
  keys = $state(false);

  fold(): void {
    this.folded = !this.folded;
    remembered.set('nav', this.folded ? 'folded' : 'open');
  }
}

export const shell = new Shell();
