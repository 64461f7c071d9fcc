/** A file with its path below where it is put. */
export interface Picked {
  file: File;
  path: string;
}

/** The files of a choice; a chosen folder gives paths. */
export function pickedOf(list: FileList | null): Picked[] {
  return [...(list ?? [])].map((file) => ({ file, path: file.webkitRelativePath || file.name }));
}

/** The files that were dropped, with those of folders where the browser gives them. */
export async function droppedOf(data: DataTransfer | null): Promise<Picked[]> {
  // The entries must be taken before the first wait: the list is empty after it.
  const entries = [...(data?.items ?? [])].map((item) => item.webkitGetAsEntry());
  if (entries.every((entry) => entry === null)) return pickedOf(data?.files ?? null);
  const picked: Picked[] = [];
  for (const entry of entries) if (entry) await walk(entry, '', picked);
  return picked;
}

async function walk(entry: FileSystemEntry, folder: string, picked: Picked[]): Promise<void> {
  const path = folder + entry.name;
  if (entry.isFile) {
    const file = await new Promise<File>((done, fail) => {
      (entry as FileSystemFileEntry).file(done, fail);
    });
    picked.push({ file, path });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    // It gives some at a time, and none at the end.
    const some = await new Promise<FileSystemEntry[]>((done, fail) => {
      reader.readEntries(done, fail);
    });
    if (some.length === 0) return;
    for (const one of some) await walk(one, `${path}/`, picked);
  }
}
