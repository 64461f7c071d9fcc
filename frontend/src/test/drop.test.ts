import { beforeEach, describe, expect, it } from 'vitest';
import source from '../../../app/desktop/drop.js?raw';

type Step = (what: Record<string, unknown>) => Promise<void>;

const names = ['step', 'number', 'piece', 'name', 'type', 'modified', 'x', 'y'];
const body = new Function(`{ ${names.join()} }`, `return (async () => {${source}})()`) as Step;

const step = (step: string, number: number, rest: object = {}) =>
  body({ step, number, piece: '', name: '', type: '', modified: 0, x: 1, y: 1, ...rest });
const piece = (number: number, text: string) => step('piece', number, { piece: btoa(text) });
const file = (number: number, name: string) => step('file', number, { name });

/** What a drop brought, file by file. */
const dropped: string[] = [];

class Transfer {
  files: File[] = [];
  items = { add: (file: File) => this.files.push(file) };
}

class Drag extends Event {
  readonly dataTransfer: Transfer;
  constructor(kind: string, { dataTransfer, ...rest }: EventInit & { dataTransfer: Transfer }) {
    super(kind, rest);
    this.dataTransfer = dataTransfer;
  }
}

beforeEach(() => {
  dropped.length = 0;
  const target = document.createElement('div');
  target.ondragover = (event) => event.preventDefault();
  target.addEventListener('drop', (event) => {
    for (const { name, size } of (event as unknown as Drag).dataTransfer.files)
      dropped.push(`${name} ${String(size)}`);
  });
  document.elementFromPoint = () => target;
  Object.assign(globalThis, { DataTransfer: Transfer, DragEvent: Drag, begun: undefined });
});

describe('what takes dropped files to a page', () => {
  it('keeps two drops apart that are under way at once', async () => {
    await step('begin', 1);
    await piece(1, 'one');
    await step('begin', 2);
    await piece(2, 'second');
    await piece(1, 'more');
    await file(2, 'b');
    await step('drop', 2);
    expect(dropped).toEqual(['b 6']);
    await file(1, 'a');
    await step('drop', 1);
    expect(dropped).toEqual(['b 6', 'a 7']);
  });

  it('refuses the rest of what was begun in a page before', async () => {
    await step('begin', 1);
    await piece(1, 'one');
    Object.assign(globalThis, { begun: undefined }); // as another page has it
    await expect(piece(1, 'more')).rejects.toThrow('another page');
    await expect(step('drop', 1)).rejects.toThrow('another page');
    expect(dropped).toEqual([]);
  });

  it('forgets what was given up', async () => {
    await step('begin', 1);
    await piece(1, 'one');
    await step('given up', 1);
    await expect(file(1, 'a')).rejects.toThrow();
    expect(dropped).toEqual([]);
  });
});
