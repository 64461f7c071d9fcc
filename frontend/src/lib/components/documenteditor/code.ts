/** CodeMirror for Markdown. Loaded with the first document that is edited, never before. */
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { markdown, markdownLanguage } from '@codemirror/lang-markdown';
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint';
import { MergeView } from '@codemirror/merge';
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search';
import { EditorSelection, EditorState } from '@codemirror/state';
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from '@codemirror/view';
import { tags } from '@lezer/highlight';

/** What is wrong at a line, in words. */
export interface Mark {
  line: number;
  text: string;
  warning: boolean;
}

/** What the toolbar and the keys do. */
export type Act = 'bold' | 'italic' | 'code' | 'link' | 'heading' | 'list' | 'formula' | 'table' | 'diagram';

export interface Wanted {
  text: string;
  label: string;
  /** What stands where nothing was chosen. */
  words: Record<'text' | 'address', string>;
  /** The words of CodeMirror's own panels, by the English ones. */
  phrases: Record<string, string>;
  onchange: (text: string) => void;
  onscroll: () => void;
  onsave: () => void;
  /** Images that were pasted or dropped; tells whether there were some. */
  onfiles: (files: File[]) => boolean;
}

const look = EditorView.theme({
  '&': {
    height: '100%',
    backgroundColor: 'var(--surface-1)',
    color: 'var(--text)',
    fontSize: 'var(--size-2)',
  },
  '&.cm-focused': { outline: '2px solid var(--brand)', outlineOffset: '-2px' },
  '.cm-scroller': { fontFamily: 'var(--font-mono)', lineHeight: '1.6', fontVariantLigatures: 'none' },
  '.cm-gutters': { backgroundColor: 'var(--surface-2)', color: 'var(--text-soft)', border: '0' },
  '.cm-activeLine': { backgroundColor: 'transparent' },
  '.cm-activeLineGutter': { backgroundColor: 'var(--surface-3)' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'var(--brand-soft)',
  },
  '.cm-panels, .cm-tooltip': {
    backgroundColor: 'var(--surface-2)',
    color: 'var(--text)',
    border: 'var(--hairline) solid var(--line)',
  },
  '.cm-textfield': { backgroundColor: 'var(--surface-1)', color: 'var(--text)' },
  '.cm-button': { backgroundImage: 'none', backgroundColor: 'var(--surface-1)', color: 'var(--text)' },
  '.cm-changedLine, .cm-insertedLine': { backgroundColor: 'var(--ok-soft) !important' },
  '&.cm-merge-a .cm-changedLine, .cm-deletedChunk': { backgroundColor: 'var(--bad-soft) !important' },
  '.cm-changedText': { background: 'none', textDecoration: 'underline' },
});

const colours = syntaxHighlighting(
  HighlightStyle.define([
    { tag: tags.heading, color: 'var(--brand)', fontWeight: '600' },
    { tag: tags.strong, fontWeight: '700' },
    { tag: tags.emphasis, fontStyle: 'italic' },
    { tag: [tags.link, tags.url], color: 'var(--brand)' },
    { tag: tags.monospace, color: 'var(--ok)' },
    { tag: [tags.quote, tags.meta, tags.processingInstruction], color: 'var(--text-soft)' },
  ]),
);

const common = [look, colours, markdown({ base: markdownLanguage }), EditorView.lineWrapping, lineNumbers()];

export class Code {
  readonly view: EditorView;
  readonly #wanted: Wanted;

  constructor(parent: HTMLElement, wanted: Wanted) {
    this.#wanted = wanted;
    const act = (what: Act) => () => {
      this.act(what);
      return true;
    };
    const files = (event: ClipboardEvent | DragEvent, list: FileList | undefined | null) => {
      if (!list?.length || !wanted.onfiles([...list])) return false;
      event.preventDefault();
      return true;
    };
    this.view = new EditorView({
      parent,
      doc: wanted.text,
      extensions: [
        keymap.of([
          { key: 'Mod-s', run: () => (wanted.onsave(), true), preventDefault: true },
          { key: 'Mod-b', run: act('bold') },
          { key: 'Mod-i', run: act('italic') },
          { key: 'Mod-e', run: act('code') },
          { key: 'Mod-Shift-k', run: act('link') },
          { key: 'Mod-Shift-m', run: act('formula') },
          ...searchKeymap,
          ...historyKeymap,
          ...lintKeymap,
          ...defaultKeymap,
        ]),
        ...common,
        EditorState.phrases.of(wanted.phrases),
        history(),
        drawSelection(),
        highlightActiveLine(),
        highlightActiveLineGutter(),
        highlightSelectionMatches(),
        lintGutter(),
        EditorView.contentAttributes.of({ 'aria-label': wanted.label, spellcheck: 'true', tabindex: '0' }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) wanted.onchange(update.state.doc.toString());
        }),
        EditorView.domEventHandlers({
          paste: (event) => files(event, event.clipboardData?.files),
          drop: (event) => files(event, event.dataTransfer?.files),
        }),
      ],
    });
    this.view.scrollDOM.addEventListener('scroll', wanted.onscroll, { passive: true });
  }

  /** Puts another text in, as a change that can be undone. */
  set(text: string): void {
    const now = this.view.state.doc;
    if (now.toString() !== text) this.view.dispatch({ changes: { from: 0, to: now.length, insert: text } });
  }

  mark(marks: Mark[]): void {
    const doc = this.view.state.doc;
    const list = marks.map(({ line, text, warning }) => {
      const at = doc.line(Math.min(Math.max(line, 1), doc.lines));
      return {
        from: at.from,
        to: at.to,
        severity: warning ? ('warning' as const) : ('error' as const),
        message: text,
      };
    });
    this.view.dispatch(setDiagnostics(this.view.state, list));
  }

  toLine(line: number): void {
    const doc = this.view.state.doc;
    const at = doc.line(Math.min(Math.max(line, 1), doc.lines));
    this.view.dispatch({
      selection: { anchor: at.from },
      effects: EditorView.scrollIntoView(at.from, { y: 'center' }),
    });
    this.view.focus();
  }

  /** The line at the top, with the part of it that has gone. */
  get top(): number {
    const { view } = this;
    const block = view.lineBlockAtHeight(view.scrollDOM.scrollTop);
    const line = view.state.doc.lineAt(block.from).number;
    return line + (view.scrollDOM.scrollTop - block.top) / Math.max(block.height, 1);
  }

  set top(line: number) {
    const { view } = this;
    const doc = view.state.doc;
    const whole = Math.min(Math.max(Math.floor(line), 1), doc.lines);
    const block = view.lineBlockAt(doc.line(whole).from);
    view.scrollDOM.scrollTop = block.top + (line - whole) * block.height;
  }

  insert(text: string): void {
    this.view.dispatch(this.view.state.replaceSelection(text));
    this.view.focus();
  }

  act(what: Act): void {
    const { text, address } = this.#wanted.words;
    if (what === 'bold') this.#around('**', '**', text);
    else if (what === 'italic') this.#around('*', '*', text);
    else if (what === 'code') this.#around('`', '`', text);
    else if (what === 'formula') this.#around('$', '$', 'x');
    else if (what === 'link') this.#around('[', `](${address})`, text);
    else if (what === 'heading') this.#before('## ');
    else if (what === 'list') this.#before('- ');
    else if (what === 'table') this.insert(`\n| ${text} | ${text} |\n|---|---|\n| … | … |\n`);
    else this.insert('\n```mermaid\nflowchart LR\n  A --> B\n```\n');
    this.view.focus();
  }

  #around(before: string, after: string, otherwise: string): void {
    const { state } = this.view;
    this.view.dispatch(
      state.changeByRange((range) => {
        const inner = state.sliceDoc(range.from, range.to) || otherwise;
        const from = range.from + before.length;
        return {
          changes: { from: range.from, to: range.to, insert: before + inner + after },
          range: EditorSelection.range(from, from + inner.length),
        };
      }),
    );
  }

  #before(mark: string): void {
    const { state } = this.view;
    const line = state.doc.lineAt(state.selection.main.from);
    const has = line.text.startsWith(mark);
    this.view.dispatch({
      changes: has ? { from: line.from, to: line.from + mark.length } : { from: line.from, insert: mark },
    });
  }

  end(): void {
    this.view.destroy();
  }
}

/** Shows two texts beside each other; gives what ends it. */
export function compare(
  parent: HTMLElement,
  before: string,
  now: string,
  labels: [string, string],
): () => void {
  const side = (doc: string, label: string) => ({
    doc,
    extensions: [
      ...common,
      EditorState.readOnly.of(true),
      EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
    ],
  });
  const merge = new MergeView({
    parent,
    a: side(before, labels[0]),
    b: side(now, labels[1]),
  });
  return () => merge.destroy();
}
