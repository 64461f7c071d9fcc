/** The bytes that the door sends as base64. */
export function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
}

/** The base64 that the door takes for bytes. */
export function base64Of(bytes: Uint8Array): string {
  let text = '';
  // A call takes only so many arguments.
  for (let at = 0; at < bytes.length; at += 0x8000)
    text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}

/** All bytes of something that the door gives part by part. */
export async function partsOf(
  ask: (offset: number) => Promise<{ data: string; size: number }>,
): Promise<Uint8Array<ArrayBuffer>[]> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for (let offset = 0; ;) {
    const { data, size } = await ask(offset);
    const bytes = bytesOf(data);
    parts.push(bytes);
    offset += bytes.length;
    if (offset >= size || bytes.length === 0) return parts;
  }
}
