// The body of a function that takes files that were dropped on the page, piece
// by piece, and gives them to what lies there, as a browser does: to a page that
// wants a drop, else to a field for files. It runs in a world that no script of
// the page can reach.
const begun = (globalThis.begun ??= new Map()); // several may be under way
if (step === 'begin') {
  begun.set(number, { pieces: [], files: [] });
  return;
}
const taken = begun.get(number);
if (!taken) throw new Error('another page has come');
if (step === 'piece') {
  taken.pieces.push(new Blob([Uint8Array.from(atob(piece), (c) => c.charCodeAt(0))]));
  return;
}
if (step === 'file') {
  taken.files.push(new File(taken.pieces, name, { type, lastModified: modified }));
  taken.pieces = [];
  return;
}
begun.delete(number);
if (step !== 'drop' || taken.files.length === 0) return;
const filled = (files) => {
  const data = new DataTransfer();
  for (const file of files) data.items.add(file);
  return data;
};
let clientX = x;
let clientY = y;
let target = document.elementFromPoint(x, y);
while (target?.contentDocument) {
  const around = target.getBoundingClientRect();
  clientX -= around.left + target.clientLeft;
  clientY -= around.top + target.clientTop;
  target = target.contentDocument.elementFromPoint(clientX, clientY);
}
if (!target) return;
const dataTransfer = filled(taken.files);
const tell = (kind) =>
  target.dispatchEvent(
    new DragEvent(kind, { bubbles: true, cancelable: true, composed: true, clientX, clientY, dataTransfer }),
  );
if (!tell('dragover')) {
  tell('drop');
  return;
}
const field = target.closest('input[type=file]');
if (!field || field.disabled) return;
field.files = field.multiple ? dataTransfer.files : filled(taken.files.slice(0, 1)).files;
field.dispatchEvent(new Event('input', { bubbles: true, composed: true }));
field.dispatchEvent(new Event('change', { bubbles: true }));
