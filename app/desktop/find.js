// The body of a function that is given what is wanted, and tells which of the
// places where the page shows that is selected, and how many there are: "2/3".
// The search itself is the web view's, which tells only the number. "" is told
// where it would take too long to count.
const most = 20000; // pieces of text
// As the web view compares: without case and accents, any blanks as one.
const plain = (text) => text.normalize('NFD').replace(/\p{M}+/gu, '').replace(/\s+/g, ' ').toLowerCase();
const selection = getSelection();
if (!selection.rangeCount || !document.body) return '';
const chosen = selection.getRangeAt(0);
const range = document.createRange();
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
const block = (element) => {
  while (element && getComputedStyle(element).display.startsWith('inline')) element = element.parentElement;
  return element;
};
let whole = '';
let before = null;
let at = -1; // where in the whole the selection begins
for (let pieces = 0, node; (node = walker.nextNode()); pieces += 1) {
  if (pieces > most) return '';
  const parent = node.parentElement;
  range.selectNodeContents(node);
  if (!range.getClientRects().length || getComputedStyle(parent).visibility !== 'visible') continue;
  const here = block(parent);
  if (here !== before) whole += '\n';
  before = here;
  const start = whole.length;
  whole += plain(node.data);
  if (node === chosen.startContainer) at = start + plain(node.data.slice(0, chosen.startOffset)).length;
}
const searched = plain(wanted);
let count = 0;
let number = 0;
for (let i = whole.indexOf(searched); searched && i >= 0; i = whole.indexOf(searched, i + searched.length)) {
  count += 1;
  if (i <= at) number = count;
}
return number + '/' + count;
