/** Hands something over as a file. */
export function download(name: string, parts: BlobPart[], type = 'text/plain;charset=utf-8'): void {
  const address = URL.createObjectURL(new Blob(parts, { type }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
