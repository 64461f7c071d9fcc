import { describe, expect, it } from 'vitest';
import { fetches, undirected } from './draw';

describe('what a diagram says of how it is drawn', () => {
  it.each([
    ['%%{init: {"theme": "dark"}}%%\ngraph TD', '\ngraph TD'],
    ['---\ntitle: x\n---\ngraph TD', 'graph TD'],
    [' ---  \nconfig:\n  themeCSS: x\n ---\n---\na: b\n---\ngraph TD', 'graph TD'],
    ['graph TD\n%% a comment\nA-->B', 'graph TD\n%% a comment\nA-->B'],
  ])('is taken out of %j', (text, want) => {
    expect(undirected(text)).toBe(want);
  });

  it.each([
    '%%%%{x}%%{init: {"theme": "dark"}}%%\ngraph TD',
    '%%{init: {"theme": "dark"}}\ngraph TD',
    '%%%%{a}%%{init: {}',
  ])('leaves no directive of %j', (text) => {
    expect(undirected(text)).not.toMatch(/%%\{/);
  });
});

describe('a diagram that would fetch something', () => {
  it.each([
    ['flowchart TD\nA@{ img: "https://example.com/a.png" }', true],
    ['flowchart TD\nA@{ "\\x69mg": "/a.png" }', true],
    ['sequenceDiagram\nparticipant A\nproperties A: {"icon": "/a.png"}', true],
    ['graph TD\nA-->B\nclassDef x fill:url(/a.svg#b)', true],
    ['graph TD\nA-->B\nstyle A mask:\\75rl(/a)', true],
    ['flowchart TD\nA@{ shape: circle, label: "img of it" }', true],
    ['graph TD\nA[img: a picture]-->B["C:\\x"]', false],
    ['flowchart TD\nA@{ shape: circle }', false],
  ])('%j', (text, want) => {
    expect(fetches(text)).toBe(want);
  });
});
