/** Says at its place why a formula or a diagram is shown as text. */
export type Bad = (what: 'formula' | 'diagram' | 'picture', detail: string) => string;

function mark(at: HTMLElement, text: string): void {
  at.classList.add('undrawn');
  const said = document.createElement('span');
  said.className = 'undrawn-why';
  said.textContent = text;
  at.append(said);
}

/** Lets the window breathe after each slice of work. */
async function* slices<T>(items: Iterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  let begun = performance.now();
  for (const item of items) {
    if (signal.aborted) return;
    yield item;
    if (performance.now() - begun > 12) {
      await new Promise((go) => setTimeout(go));
      begun = performance.now();
    }
  }
}

/** Draws formulas. What KaTeX does not take stays as it is written, with its reason. */
export async function drawFormulas(host: HTMLElement, signal: AbortSignal, bad: Bad): Promise<void> {
  const found = [...host.querySelectorAll<HTMLElement>('.formula')];
  if (found.length === 0) return;
  const [{ default: katex }] = await Promise.all([import('katex'), import('katex/dist/katex.min.css')]);
  for await (const at of slices(found, signal)) {
    const tex = at.textContent ?? '';
    if (at.matches('.formula-open, .formula-large')) continue;
    const drawn = document.createElement('span');
    try {
      katex.render(tex, drawn, {
        displayMode: at.classList.contains('formula-display'),
        output: 'htmlAndMathml',
        // Nothing that a formula says loads, links or styles; macros and sizes have their bounds.
        trust: false,
        strict: 'ignore',
        maxExpand: 500,
        maxSize: 20,
        throwOnError: true,
      });
    } catch (thrown) {
      mark(at, bad('formula', thrown instanceof Error ? thrown.message : String(thrown)));
      continue;
    }
    at.replaceChildren(drawn);
    const number = at.dataset['number'];
    if (number) {
      const said = document.createElement('span');
      said.className = 'formula-number';
      said.textContent = `(${number})`;
      at.append(said);
    }
  }
}

let diagrams = 0;

const frontMatter = /^\s*-{3}\s*[\n\r][\s\S]*?[\n\r][^\S\n\r]*-{3}\s*(?:[\n\r]+|$)/;

/** A diagram's text without what says how it is drawn, which is not the text's matter. */
export function undirected(text: string): string {
  let out = text.replace(/%%\{[\s\S]*?\}%%/g, '');
  for (let before = ''; before !== out;) {
    before = out;
    out = out.replace(frontMatter, '');
  }
  // What is left of directives, or made by what was taken out, becomes a comment: mermaid wants no end of them.
  return out.replace(/%%(?=\{)/g, '%% ');
}

/** Whether mermaid would fetch something for the diagram: pictures in nodes and beside actors, and those of styles. */
export function fetches(text: string): boolean {
  const after = (begin: RegExp, what: RegExp) => {
    const at = text.search(begin);
    return at >= 0 && what.test(text.slice(at));
  };
  return (
    /url\s*\(|image-set/i.test(text) ||
    /^\s*(?:classDef|style|linkStyle)\b.*\\/m.test(text) ||
    after(/@\s*\{/, /\bimg\b|\\/) ||
    after(/(?:^|[\n\r;])\s*properties\b/i, /\bicon\b|\\/)
  );
}

async function diagram(text: string): Promise<HTMLImageElement> {
  const { default: mermaid } = await import('mermaid');
  mermaid.initialize({
    startOnLoad: false,
    securityLevel: 'strict',
    suppressErrorRendering: true,
    htmlLabels: false,
    flowchart: { htmlLabels: false },
    maxTextSize: 32 * 1024,
    maxEdges: 300,
    theme: 'default',
    fontFamily: 'sans-serif',
    secure: [
      ...[
        'secure',
        'securityLevel',
        'startOnLoad',
        'suppressErrorRendering',
        'maxTextSize',
        'maxEdges',
        'dompurifyConfig',
      ],
      ...[
        'theme',
        'themeCSS',
        'themeVariables',
        'darkMode',
        'look',
        'layout',
        'elk',
        'fontFamily',
        'altFontFamily',
      ],
      ...[
        'htmlLabels',
        'flowchart',
        'fontSize',
        'markdownAutoWrap',
        'deterministicIds',
        'deterministicIDSeed',
      ],
    ],
  });
  const { svg } = await mermaid.render(`diagram-${String(++diagrams)}`, undirected(text));
  const drawing = new DOMParser().parseFromString(svg, 'image/svg+xml');
  const root = drawing.documentElement;
  if (root.nodeName !== 'svg') throw new Error('SVG');
  const [, , width = '', height = ''] = (root.getAttribute('viewBox') ?? '').split(/[\s,]+/);
  const image = new Image();
  if (Number(width) > 0 && Number(height) > 0) {
    root.setAttribute('width', width);
    root.setAttribute('height', height);
  }
  // As an image nothing in it can run or be fetched, whatever it holds.
  const source = new XMLSerializer().serializeToString(root);
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(source)}`;
  await image.decode();
  return image;
}

/** Draws diagrams, one after the other. What mermaid does not take stays as it is written, with its reason. */
export async function drawDiagrams(
  host: HTMLElement,
  signal: AbortSignal,
  bad: Bad,
  name: string,
): Promise<void> {
  for await (const at of slices([...host.querySelectorAll<HTMLElement>('pre.diagram')], signal)) {
    if (at.classList.contains('diagram-large')) continue;
    const text = at.textContent ?? '';
    if (fetches(text)) {
      mark(at, bad('picture', ''));
      continue;
    }
    try {
      const image = await diagram(text);
      if (signal.aborted) return;
      image.alt = `${name}: ${text.trim().split('\n', 1)[0] ?? ''}`;
      image.className = 'diagram-drawn';
      at.replaceWith(image);
    } catch (thrown) {
      mark(at, bad('diagram', (thrown instanceof Error ? thrown.message : String(thrown)).slice(0, 400)));
    }
  }
}
