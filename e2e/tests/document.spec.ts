import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { installation } from '../support/installation.ts';
import { enter } from '../support/people.ts';
import { header } from '../support/scripts.ts';

const attacks = JSON.parse(
  readFileSync(new URL('../../backend/document/testdata/xss.json', import.meta.url), 'utf8'),
) as string[];
/** Elements whose end swallows what follows are looked at one by one, by the renderer's own test. */
const together = attacks.filter(
  (one) =>
    !/<(script|scr|style|iframe|frameset|object|embed|applet|noscript|template|title|textarea|select|keygen|svg|math|xmp|plaintext|!|\?)/i.test(
      one,
    ) || /^[$`]/.test(one),
);

const text = `# Pump

> [!WARNING]
> Hot **water**.

See [the formula](#the-formula), [fill in](script:g/reader?flow=3.5), [nowhere](gone.md), ![gone](gone.png).

## The formula

$$E = mc^2$$

Within words $x_1$, and wrong $\\frac{1}$.

$$\\def\\a{\\a\\a}\\a$$

\`\`\`python
import os
\`\`\`

\`\`\`mermaid
graph TD
  A-->B
\`\`\`

\`\`\`mermaid
graph TD; A--
\`\`\`
`;

const house = installation({
  scripts: {
    'g/reader.py': `${header({ parameters: '[{"name": "flow", "type": "number"}]' })}print(1)\n`,
    'g/attacked.py': `${header({})}print(1)\n`,
    'g/docs/reader.md': text,
    'g/docs/attacked.md': together.join('\n\n'),
  },
});

// DOC-1
test('documentation is a page with formulas, diagrams, code and links', async ({ page }) => {
  await enter(page, house);
  await page.goto(`${house.url}#/scripts/g/reader`);
  const article = page.locator('article.document');
  await expect(article.locator('.admonition-warning')).toContainText('Hot water');
  await expect(article.locator('.formula-display .katex').first()).toBeVisible();
  await expect(article.locator('.formula-number').first()).toHaveText('(1)');
  await expect(article.locator('.undrawn-why').first()).toContainText('cannot be drawn');
  await expect(article.locator('img.diagram-drawn')).toBeVisible();
  await expect(article.locator('.undrawn')).toHaveCount(3); // two formulas, one diagram
  await expect(article.locator('.link-dead')).toHaveAttribute('title', /leads/);
  await expect(article.locator('.image-missing')).toBeVisible();
  await article.getByRole('link', { name: 'the formula', exact: true }).click();
  await expect(article.getByRole('heading', { name: 'The formula' })).toBeFocused();
  expect(page.url()).toContain('#/scripts/g/reader');
  await article.getByRole('link', { name: 'fill in' }).click();
  await expect(page.getByLabel('flow', { exact: false }).first()).toHaveValue('3.5');
  await article.locator('.copy-code').click();
  await expect(article.locator('.copy-code')).toHaveText('Copied');
});

// DOC-5
test('nothing in documentation runs or is fetched', async ({ page }) => {
  const wrong: string[] = [];
  page.on('dialog', (dialog) => {
    wrong.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(house.url) && !/^(data|blob):/.test(url)) wrong.push(url);
  });
  await enter(page, house);
  await page.goto(`${house.url}#/scripts/g/attacked`);
  const article = page.locator('article.document');
  await expect(article.locator('.link-dead').first()).toBeVisible();
  await expect(article.locator('.katex').first()).toBeVisible();
  await expect(article.locator('.undrawn, img.diagram-drawn').first()).toBeVisible();
  const found = await article.evaluate((all) => {
    const bad: string[] = [];
    for (const one of all.querySelectorAll('*')) {
      if (/^(script|style|iframe|object|embed|form|link|meta|base)$/i.test(one.tagName))
        bad.push(one.tagName);
      for (const attribute of one.attributes) {
        if (/^on/i.test(attribute.name)) bad.push(`${one.tagName} ${attribute.name}`);
        if (
          /^(href|src)$/i.test(attribute.name) &&
          /^\s*(javascript|vbscript|file|wails):/i.test(attribute.value)
        )
          bad.push(attribute.value);
      }
    }
    return bad;
  });
  expect(found).toEqual([]);
  expect(wrong).toEqual([]);
});
