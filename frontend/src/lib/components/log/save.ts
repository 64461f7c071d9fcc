import { asFailure } from '$lib/api';
import { download } from './download';
import type { LogStore } from './log.svelte';

// A file is put together in memory, so it has an end; the whole log stands in its own file on disk.
const fileMost = 256 << 20;

/** Reads the whole log and hands it over as a text file. `told` hears the part that was read, and says whether to go on. */
export async function saveLog(store: LogStore, name: string, told: (part: number) => boolean): Promise<void> {
  const parts: string[] = [];
  let size = 0;
  let stopped = false;
  try {
    await store.readAll((text, done, total) => {
      stopped = !told(total > 0 ? done / total : 1);
      size += text.length;
      parts.push(text);
      return !stopped && size < fileMost;
    });
  } catch (thrown) {
    store.failure = asFailure(thrown);
    return;
  }
  if (stopped) return;
  download(name, parts);
}
