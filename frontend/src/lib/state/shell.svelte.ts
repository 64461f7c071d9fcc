import { remembered } from './storage';

/** What of the frame is open. */
class Shell {
  folded = $state(remembered.get('nav') === 'folded');
  /** Whether the pages of administrators are listed. */
  administration = $state(remembered.get('nav_administration') === 'open');
  palette = $state(false);
  keys = $state(false);

  fold(): void {
    this.folded = !this.folded;
    remembered.set('nav', this.folded ? 'folded' : 'open');
  }

  administer(open: boolean): void {
    this.administration = open;
    remembered.set('nav_administration', open ? 'open' : 'closed');
  }
}

export const shell = new Shell();
