import type { DoorError } from '$lib/api/types';

/** What build says to people. */
export interface Words {
  copy: string;
  copied: string;
  heading: string;
  why: (error: DoorError) => string;
}

export interface Builder {
  words: Words;
  /** The address of a heading; without it headings are no links. */
  href?: ((id: string) => string) | undefined;
  copy: (text: string) => Promise<boolean>;
}

/**
 * Makes elements of a document's HTML, which the engine has sanitised, and gives them what needs a hand: copy buttons,
 * links at headings, words for what leads nowhere. Parsed apart from the page, so that nothing in it is loaded.
 */
export function build(html: string, builder: Builder): DocumentFragment {
  const page = new DOMParser().parseFromString(html, 'text/html');
  const { words } = builder;
  const each = <E extends Element = HTMLElement>(selector: string, change: (found: E) => void) => {
    page.body.querySelectorAll<E>(selector).forEach(change);
  };
  each('span.link-dead, span.image-missing', (found) => {
    const why = words.why({
      code: found.dataset['why'] ?? '',
      params: { link: found.dataset['link'] ?? '', target: found.dataset['link'] ?? '', most: 8 },
    });
    found.title = why;
    found.tabIndex = 0;
    const hidden = page.createElement('span');
    hidden.className = 'visually-hidden';
    hidden.textContent = ` (${why})`;
    found.append(hidden);
  });
  each('h1, h2, h3, h4, h5, h6', (found) => {
    found.tabIndex = -1;
    found.setAttribute('aria-level', String(Math.min(Number(found.tagName[1]) + 1, 6))); // the first is the page's
    if (!found.id || !builder.href) return;
    const link = page.createElement('a');
    link.className = 'heading-link';
    link.href = builder.href(found.id);
    link.title = words.heading;
    link.setAttribute('aria-label', `${words.heading}: ${found.textContent}`);
    link.textContent = '#';
    found.append(link);
  });
  each('pre > code', (found) => {
    const block = found.parentElement;
    if (!block) return;
    block.tabIndex = 0; // it may be wider than the page
    const around = page.createElement('div');
    around.className = 'code-block';
    const button = page.createElement('button');
    button.type = 'button';
    button.className = 'btn btn-plain btn-sm copy-code';
    button.textContent = words.copy;
    const text = found.textContent ?? '';
    button.addEventListener('click', () => {
      void builder.copy(text).then((done) => {
        if (!done) return;
        button.textContent = words.copied;
        button.addEventListener('blur', () => (button.textContent = words.copy), { once: true });
      });
    });
    block.replaceWith(around);
    around.append(block, button);
  });
  each('table', (found) => {
    const around = page.createElement('div');
    around.className = 'table-around';
    around.tabIndex = 0;
    found.replaceWith(around);
    around.append(found);
  });
  const made = document.createDocumentFragment();
  made.append(...page.body.childNodes);
  return made;
}
