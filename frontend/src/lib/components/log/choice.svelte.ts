/** The rows that are chosen, to be copied: from where choosing began to where it stands. */
export class Choice {
  range = $state.raw<readonly [number, number] | null>(null);
  /** The row that was chosen last. */
  head = 0;
  #from = 0;

  /** Chooses a row; or, extending, all between it and where choosing began. */
  choose(row: number, extend: boolean): void {
    this.head = row;
    if (!extend || !this.range) this.#from = this.head;
    this.range = [Math.min(this.#from, this.head), Math.max(this.#from, this.head)];
  }

  clear(): void {
    this.range = null;
  }

  has(row: number): boolean {
    return this.range !== null && this.range[0] <= row && row <= this.range[1];
  }
}
