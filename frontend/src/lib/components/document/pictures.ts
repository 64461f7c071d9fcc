import type { DoorFailure } from '$lib/api';
import type { Picture } from '$lib/state/pictures';

/** What one document shows: so many pictures, and so many bytes of files. */
export const picturesMost = 500;
export const bytesMost = 64 * 1024 * 1024;

export interface Pictures {
  ask: (path: string) => Promise<Picture>;
  why: (failure: DoorFailure) => string;
  /** Says that there are too many. */
  many: string;
}

/**
 * Fetches the pictures of a document, each file once, and puts words in place of those that there are none of or too
 * many. The addresses it was given are added to given, whoever asked gives them back.
 */
export async function showPictures(
  within: HTMLElement,
  signal: AbortSignal,
  given: string[],
  { ask, why, many }: Pictures,
): Promise<void> {
  const got = new Map<string, Picture | null>(); // null: too many
  let shown = 0;
  let bytes = 0;
  const instead = (image: HTMLImageElement, text: string) => {
    const words = document.createElement('span');
    words.className = 'image-missing';
    words.textContent = image.alt ? `${image.alt} – ${text}` : text;
    image.replaceWith(words);
  };
  for (const image of within.querySelectorAll<HTMLImageElement>('img[data-image]')) {
    if (++shown > picturesMost) {
      instead(image, many);
      continue;
    }
    const path = image.dataset['image'] ?? '';
    if (!got.has(path)) {
      const picture = bytes > bytesMost ? null : await ask(path);
      if (picture && 'address' in picture) {
        given.push(picture.address);
        bytes += picture.size;
        if (signal.aborted) URL.revokeObjectURL(picture.address);
      }
      if (signal.aborted) return;
      got.set(path, picture);
    }
    const picture = got.get(path) ?? null;
    if (!picture) instead(image, many);
    else if ('address' in picture) image.src = picture.address;
    else instead(image, why(picture.failure));
  }
}
