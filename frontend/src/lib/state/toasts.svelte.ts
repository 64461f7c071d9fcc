export type Tone = 'ok' | 'bad' | 'warn' | 'live';

export interface Toast {
  id: number;
  tone: Tone;
  title: string;
  text?: string;
  link?: { href: string; label: string };
  /** What it is about: another one about the same takes its place. */
  about?: string;
}

// Long enough to read two lines; failures stay until they are closed.
const shownFor = 7000;
// As many as leave what stands at the top of a small window to be pressed.
const most = 3;

/** What is told at the edge of the screen and to screen readers. */
export class Toasts {
  items = $state.raw<Toast[]>([]);
  #last = 0;

  show(toast: Omit<Toast, 'id'>): void {
    const id = ++this.#last;
    const others = this.items.filter((item) => !toast.about || item.about !== toast.about);
    this.items = [...others, { ...toast, id }].slice(-most);
    if (toast.tone !== 'bad' && !toast.link) setTimeout(() => this.close(id), shownFor);
  }

  /** Takes away what is not so any more. */
  over(about: string): void {
    if (this.items.some((toast) => toast.about === about))
      this.items = this.items.filter((toast) => toast.about !== about);
  }

  close(id: number): void {
    this.items = this.items.filter((toast) => toast.id !== id);
  }
}

export const toasts = new Toasts();
