import { asFailure, door, type DoorFailure } from '$lib/api';
import { bytesOf } from '$lib/base64';

export type Picture = { address: string; size: number } | { failure: DoorFailure };

/** Gets a picture of a script's group as the address of a blob, which whoever asked gives back; or why there is none. */
export async function pictureOf(scriptId: string, path: string): Promise<Picture> {
  try {
    const picture = await door.call('Documents.Image', { script_id: scriptId, path });
    const blob = new Blob([bytesOf(picture.data)], { type: picture.type });
    return { address: URL.createObjectURL(blob), size: blob.size };
  } catch (thrown) {
    return { failure: asFailure(thrown) };
  }
}
