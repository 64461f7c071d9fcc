import { copyText } from '../copy';
import type { Choice } from './choice.svelte';
import { copyRows } from './copying';
import type { LogStore } from './log.svelte';
import type { Looks } from './looks.svelte';
import { saveLog } from './save';

/** How long it is said that something was copied, in milliseconds. */
const toldFor = 1600;

/** Lines that are taken out of a log: copied, or saved as a file. */
export class TakeOut {
  /** How many lines were just copied. */
  copied = $state<number | null>(null);
  /** The part of the file that was read, 0 to 1; null when none is being made. */
  saving = $state<number | null>(null);

  async copy(store: LogStore, choice: Choice, looks: Looks): Promise<void> {
    const text = await copyRows(store, choice, looks.times);
    if (text === '' || !(await copyText(text))) return;
    this.copied = text.split('\n').length;
    setTimeout(() => (this.copied = null), toldFor);
  }

  /** Saves all of it; asked a second time, it gives up. */
  async save(store: LogStore, name: string): Promise<void> {
    const already = this.saving !== null;
    this.saving = already ? null : 0;
    if (already) return;
    await saveLog(store, name, (part) => {
      if (this.saving === null) return false;
      this.saving = part;
      return true;
    });
    this.saving = null;
  }
}
