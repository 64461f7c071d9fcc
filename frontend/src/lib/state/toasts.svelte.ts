export type Tone = 'ok' | 'bad' | 'warn' | 'live';

export interface Toast {
  id: number;
  tone: Tone;
  title: string;
  text?: string;
  link?: { href: string; label: string };
}

// Long enough to read two lines; failures stay until they are closed.
const shownFor = 7000;
const most = 5;

/** What is told at the edge of the screen and to screen readers. */
export class Toasts {
  items = $state.raw<Toast[]>([]);
  #last = 0;

  show(toast: Omit<Toast, 'id'>): void {
    const id = ++this.#last;
    this.items = [...this.items, { ...toast, id }].slice(-most);
    if (toast.tone !== 'bad' && !toast.link) setTimeout(() => this.close(id), shownFor);
  }

  close(id: number): void {
    this.items = this.items.filter((toast) => toast.id !== id);
  }
}

export const toasts = new Toasts();
