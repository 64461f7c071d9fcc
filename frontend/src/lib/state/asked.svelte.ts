/** Which of several things is asked about: the first press asks, the second one means it. */
export class Asked<Key> {
  #key = $state.raw<Key | null>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #waits: number;

  /** A question that waits for so many milliseconds is taken back then; 0: it stays. */
  constructor(waits = 0) {
    this.#waits = waits;
  }

  about(key: Key): boolean {
    return this.#key === key;
  }

  /** Whether this press means it. */
  press(event: MouseEvent, key: Key): boolean {
    if (event.detail > 1) return false; // of a double click, which asked as its first did
    if (this.#key === key) {
      this.forget();
      return true;
    }
    this.#key = key;
    clearTimeout(this.#timer);
    if (this.#waits > 0) this.#timer = setTimeout(() => this.forget(), this.#waits);
    return false;
  }

  forget(): void {
    clearTimeout(this.#timer);
    this.#key = null;
  }
}
