/** A set of receivers that may come and go while one of them is being called. */
export class Listeners<T> {
  readonly #receivers = new Set<(value: T) => void>();

  add(receive: (value: T) => void): () => void {
    this.#receivers.add(receive);
    return () => this.#receivers.delete(receive);
  }

  send(value: T): void {
    for (const receive of [...this.#receivers]) receive(value);
  }
}
