/** How a piece of a line looks, as its SGR sequences said. A number is one of the 16 colours, a triple RGB. */
export type Colour = number | readonly [number, number, number];

export interface Style {
  fg?: Colour;
  bg?: Colour;
  bold?: boolean;
  dim?: boolean;
  italic?: boolean;
  underline?: boolean;
  strike?: boolean;
  inverse?: boolean;
}

export interface Segment {
  text: string;
  style: Style | null;
}

const control = /[^\t\P{Cc}]/u;
// Movements of the cursor beyond this are no output that anyone could read.
const columnsMost = 1 << 16;

/**
 * What a terminal would show of one line: colours by SGR (ECMA-48 8.3.117,
 * with xterm's 256 colours and RGB), overwriting by carriage return and
 * backspace, so that a progress line shows its last state. Every other
 * sequence is dropped.
 */
export function parseLine(text: string): Segment[] {
  if (!control.test(text)) return text === '' ? [] : [{ text, style: null }];
  const line = new Cells();
  let at = 0;
  while (at < text.length) {
    const char = String.fromCodePoint(text.codePointAt(at) ?? 0);
    if (char === '\u001b' || char === '\u009b') {
      at = line.sequence(text, at);
      continue;
    }
    at += char.length;
    if (char === '\r') line.column = 0;
    else if (char === '\b') line.column = Math.max(0, line.column - 1);
    else if (!control.test(char)) line.write(char);
  }
  return line.segments();
}

/** The line's characters alone, as it is searched and copied. */
export function plainText(text: string): string {
  if (!control.test(text)) return text;
  return parseLine(text)
    .map((segment) => segment.text)
    .join('');
}

/** The line with a sign for each control character: what was overwritten or coloured is there to be read. */
export function signsOf(text: string): string {
  if (!control.test(text)) return text;
  return text.replace(/[^\t\P{Cc}]/gu, (char) => {
    const code = char.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    return code === 0x7f ? '\u2421' : '\ufffd';
  });
}

class Cells {
  column = 0;
  #style: Style | null = null;
  readonly #chars: string[] = [];
  readonly #styles: (Style | null)[] = [];

  write(char: string): void {
    while (this.#chars.length < this.column) {
      this.#chars.push(' ');
      this.#styles.push(null);
    }
    this.#chars[this.column] = char;
    this.#styles[this.column] = this.#style;
    this.column += 1;
  }

  /** Takes the sequence that begins at `at`; gives where the text goes on. */
  sequence(text: string, at: number): number {
    const introducer = text[at] === '\u009b' ? '[' : text[at + 1];
    const start = at + (text[at] === '\u009b' ? 1 : 2);
    if (introducer === '[') {
      const match = /([0-?]*)[ -/]*([@-~])/y;
      match.lastIndex = start;
      const found = match.exec(text);
      if (!found) return introducer ? Math.min(text.length, start) : text.length;
      this.#csi(found[1] ?? '', found[2] ?? '');
      return match.lastIndex;
    }
    if (introducer !== undefined && ']P^_X'.includes(introducer)) {
      // A string up to its terminator: titles, links and the like.
      for (let end = start; end < text.length; end++) {
        if (text[end] === '\u0007' || text[end] === '\u009c') return end + 1;
        if (text[end] === '\u001b') return text[end + 1] === '\\' ? end + 2 : end;
      }
      return text.length;
    }
    let end = at + 1;
    while (end < text.length && text.charCodeAt(end) >= 0x20 && text.charCodeAt(end) <= 0x2f) end += 1;
    return Math.min(text.length, end + 1);
  }

  segments(): Segment[] {
    const segments: Segment[] = [];
    for (const [index, char] of this.#chars.entries()) {
      const style = this.#styles[index] ?? null;
      const last = segments.at(-1);
      if (last && last.style === style) last.text += char;
      else segments.push({ text: char, style });
    }
    return segments;
  }

  #csi(params: string, final: string): void {
    const count = Math.min(columnsMost, Math.max(1, Number.parseInt(params, 10) || 1));
    if (final === 'm') this.#style = select(this.#style, params);
    else if (final === 'K') this.#erase(params);
    else if (final === 'G') this.column = count - 1;
    else if (final === 'C') this.column = Math.min(columnsMost, this.column + count);
    else if (final === 'D') this.column = Math.max(0, this.column - count);
  }

  #erase(params: string): void {
    if (params === '' || params === '0') {
      this.#chars.length = Math.min(this.#chars.length, this.column);
      this.#styles.length = this.#chars.length;
      return;
    }
    const end = params === '1' ? Math.min(this.column + 1, this.#chars.length) : this.#chars.length;
    this.#chars.fill(' ', 0, end);
    this.#styles.fill(null, 0, end);
    if (params === '2') this.#chars.length = this.#styles.length = 0;
  }
}

/** The style after an SGR sequence; null is the plain one. */
function select(before: Style | null, params: string): Style | null {
  let style: Style = { ...before };
  const codes = params === '' ? ['0'] : params.split(';');
  for (let at = 0; at < codes.length; at++) {
    const [code = 0, ...sub] = (codes[at] ?? '').split(':').map(Number);
    if (code === 0) style = {};
    else if (code === 38 || code === 48) {
      const rest = sub.length > 0 ? sub : codes.slice(at + 1, at + 5).map(Number);
      if (sub.length === 0) at += rest[0] === 5 ? 2 : rest[0] === 2 ? 4 : 0;
      const colour = extended(rest, sub.length > 4);
      if (colour !== undefined) style[code === 38 ? 'fg' : 'bg'] = colour;
    } else apply(style, code);
  }
  return Object.keys(style).length > 0 ? style : null;
}

/** "5;n" or "2;r;g;b"; with colons there may be a colour space before the red. */
function extended(rest: number[], space: boolean): Colour | undefined {
  const byte = (value: number | undefined) => Math.min(255, Math.max(0, value ?? 0)) || 0;
  if (rest[0] === 5) return indexed(byte(rest[1]));
  if (rest[0] !== 2) return undefined;
  const [red, green, blue] = rest.slice(space ? 2 : 1);
  return [byte(red), byte(green), byte(blue)];
}

/** xterm's palette: 16 colours, a cube of 6×6×6, 24 greys. */
function indexed(index: number): Colour {
  if (index < 16) return index;
  if (index >= 232) {
    const grey = 8 + 10 * (index - 232);
    return [grey, grey, grey];
  }
  const level = (value: number) => (value === 0 ? 0 : 55 + 40 * value);
  const cube = index - 16;
  return [level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6)];
}

function apply(style: Style, code: number): void {
  if (code === 1) style.bold = true;
  else if (code === 2) style.dim = true;
  else if (code === 3) style.italic = true;
  else if (code === 4 || code === 21) style.underline = true;
  else if (code === 7) style.inverse = true;
  else if (code === 9) style.strike = true;
  else if (code === 22) {
    delete style.bold;
    delete style.dim;
  } else if (code === 23) delete style.italic;
  else if (code === 24) delete style.underline;
  else if (code === 27) delete style.inverse;
  else if (code === 29) delete style.strike;
  else if (code >= 30 && code <= 37) style.fg = code - 30;
  else if (code === 39) delete style.fg;
  else if (code >= 40 && code <= 47) style.bg = code - 40;
  else if (code === 49) delete style.bg;
  else if (code >= 90 && code <= 97) style.fg = code - 82;
  else if (code >= 100 && code <= 107) style.bg = code - 92;
}
