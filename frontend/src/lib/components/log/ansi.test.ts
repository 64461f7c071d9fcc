import { describe, expect, it } from 'vitest';
import { parseLine, plainText, type Style } from './ansi';

const E = '\u001b';

/** Pieces as [text, style] with the style left out where there is none. */
function parsed(text: string): [string, Style?][] {
  return parseLine(text).map((segment) => (segment.style ? [segment.text, segment.style] : [segment.text]));
}

describe('SGR', () => {
  it.each<[string, string, [string, Style?][]]>([
    ['nothing', '', []],
    ['plain text with a tab', 'a\tb', [['a\tb']]],
    ['a colour and back', `${E}[31mred${E}[0m x`, [['red', { fg: 1 }], [' x']]],
    ['back by an empty sequence', `${E}[1mb${E}[mx`, [['b', { bold: true }], ['x']]],
    ['bright ones', `${E}[97;101mx`, [['x', { fg: 15, bg: 9 }]]],
    ['256: one of the 16', `${E}[38;5;9mx`, [['x', { fg: 9 }]]],
    ['256: the cube', `${E}[38;5;208mx`, [['x', { fg: [255, 135, 0] }]]],
    ['256: grey', `${E}[48;5;244mx`, [['x', { bg: [128, 128, 128] }]]],
    ['RGB', `${E}[38;2;1;2;300mx`, [['x', { fg: [1, 2, 255] }]]],
    ['RGB by colons', `${E}[38:2::10:20:30mx`, [['x', { fg: [10, 20, 30] }]]],
    ['more after RGB', `${E}[38;2;1;2;3;4mx`, [['x', { fg: [1, 2, 3], underline: true }]]],
    ['one of two off', `${E}[1;3m${E}[22mx`, [['x', { italic: true }]]],
    ['unknown codes', `${E}[999;77mx`, [['x']]],
  ])('%s', (_, text, want) => {
    expect(parsed(text)).toEqual(want);
  });
});

describe('what is shown of a line', () => {
  it.each([
    ['progress shows its last state', '10%\r20%\r100%', '100%'],
    ['a shorter text leaves the rest of the longer', 'abcdef\rXY', 'XYcdef'],
    ['erase to the end', `abcdef\rXY${E}[K`, 'XY'],
    ['erase the line', `abcdef${E}[2K\rnew`, 'new'],
    ['a return at the end', 'done\r', 'done'],
    ['backspace', 'ab\bc', 'ac'],
    ['columns', `${E}[5Gx`, '    x'],
    ['a column that is absurd', `${E}[999999999G`, ''],
    ['a link', `${E}]8;;http://x/${E}\\text${E}]8;;${E}\\`, 'text'],
    ['a title ended by BEL', `${E}]0;title\u0007x`, 'x'],
    ['private modes', `${E}[?25lx${E}[?25h`, 'x'],
    ['screen control', `${E}[2J${E}[H${E}[10Ax`, 'x'],
    ['character sets', `${E}(Bx`, 'x'],
    ['one-byte CSI', '\u009b31mx', 'x'],
    ['an unfinished sequence', `x${E}[31`, 'x31'],
    ['a lone escape', `x${E}`, 'x'],
    ['other control characters', 'a\u0000\u0007b', 'ab'],
    ['characters of two units', `${E}[1m🙂${E}[0mé`, '🙂é'],
  ])('%s', (_, text, want) => {
    expect(plainText(text)).toBe(want);
  });

  it('takes a line of 64 KiB of sequences in good time', () => {
    const began = performance.now();
    parseLine(`${E}[31mx${E}[0m`.repeat(6500));
    parseLine(`${E}[`.repeat(32_000));
    expect(performance.now() - began).toBeLessThan(2000);
  });
});
