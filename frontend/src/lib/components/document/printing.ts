/**
 * Puts a copy of a document beside the page, which alone is printed, in light colours. Gives back how to take it
 * away.
 */
export function printPage(article: HTMLElement): () => void {
  const page = document.createElement('div');
  page.className = 'print-page';
  page.dataset['bsTheme'] = 'light';
  page.setAttribute('aria-hidden', 'true');
  const copy = article.cloneNode(true) as HTMLElement;
  copy.querySelectorAll('[id]').forEach((one) => {
    one.removeAttribute('id');
  });
  page.append(copy);
  document.body.append(page);
  return () => {
    page.remove();
  };
}
