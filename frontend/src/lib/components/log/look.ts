import type { Colour, Style } from './ansi';

type RGB = readonly [number, number, number];

/** How a style is drawn: classes for the 16 colours, whose values are the theme's, and colours of its own. */
export interface Look {
  classes: string;
  /** Text colour in the light and the dark theme. */
  light?: string;
  dark?: string;
  /** The ground; then `light` and `dark` are the same. */
  ground?: string;
}

// xterm's own values. They stand only on grounds that the script sets itself.
const terminal: readonly RGB[] = [
  [0, 0, 0],
  [205, 0, 0],
  [0, 205, 0],
  [205, 205, 0],
  [0, 0, 238],
  [205, 0, 205],
  [0, 205, 205],
  [229, 229, 229],
  [127, 127, 127],
  [255, 0, 0],
  [0, 255, 0],
  [255, 255, 0],
  [92, 92, 255],
  [255, 0, 255],
  [0, 255, 255],
  [255, 255, 255],
];
const black: RGB = [0, 0, 0];
const white: RGB = [255, 255, 255];
// About the grounds of logs in the two themes; the exact shade does not matter for the contrast.
const paper: RGB = [251, 252, 253];
const night: RGB = [15, 20, 25];

const looks = new WeakMap<Style, Look>();

export function lookOf(style: Style | null): Look | null {
  if (!style) return null;
  let look = looks.get(style);
  if (!look) looks.set(style, (look = make(style)));
  return look;
}

function make(style: Style): Look {
  const classes = (['bold', 'dim', 'italic', 'underline', 'strike'] as const).filter((key) => style[key]);
  let { fg, bg } = style;
  if (style.inverse) {
    if (fg === undefined && bg === undefined) return { classes: [...classes, 'inverse'].join(' ') };
    [fg, bg] = [bg, fg ?? 7];
  }
  if (bg !== undefined) {
    const ground = rgb(bg);
    const text = css(fg === undefined ? pole(ground) : readable(rgb(fg), ground));
    return { classes: classes.join(' '), light: text, dark: text, ground: css(ground) };
  }
  if (fg === undefined) return { classes: classes.join(' ') };
  if (typeof fg === 'number') return { classes: [...classes, `c${String(fg)}`].join(' ') };
  return { classes: classes.join(' '), light: css(readable(fg, paper)), dark: css(readable(fg, night)) };
}

function rgb(colour: Colour): RGB {
  return typeof colour === 'number' ? (terminal[colour] ?? white) : colour;
}

function css([red, green, blue]: RGB): string {
  return `rgb(${String(red)} ${String(green)} ${String(blue)})`;
}

/** The colour, moved towards black or white until it can be read on the ground (WCAG AA, 4.5 : 1). */
export function readable(colour: RGB, ground: RGB): RGB {
  const end = pole(ground);
  for (let part = 0; part < 1; part += 0.125) {
    const mixed = colour.map((value, at) => Math.round(value + ((end[at] ?? 0) - value) * part));
    if (contrast(mixed as unknown as RGB, ground) >= 4.5) return mixed as unknown as RGB;
  }
  return end;
}

function pole(ground: RGB): RGB {
  return contrast(black, ground) > contrast(white, ground) ? black : white;
}

export function contrast(a: RGB, b: RGB): number {
  const [x, y] = [luminance(a), luminance(b)];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}

function luminance(colour: RGB): number {
  const [red = 0, green = 0, blue = 0] = colour.map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
