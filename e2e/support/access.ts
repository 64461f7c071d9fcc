import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

/** Holds that axe finds nothing on the page as it is now. Pages of scripts in frames are not ours. */
export async function accessible(page: Page, what: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .exclude('iframe')
    .analyze();
  const found = violations.map(
    (violation) =>
      `${violation.id} (${String(violation.impact)}): ${violation.help}\n` +
      violation.nodes.map((node) => `    ${node.target.join(' ')}: ${node.failureSummary ?? ''}`).join('\n'),
  );
  expect(found, `axe on ${what}`).toEqual([]);
}

/** Holds that nothing is wider than the window. */
export async function fits(page: Page, what: string): Promise<void> {
  const wide = await page.evaluate(() => {
    const found: string[] = [];
    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth)
      found.push(`the document: ${root.scrollWidth} > ${root.clientWidth}`);
    const content = document.getElementById('content');
    if (content && content.scrollWidth > content.clientWidth)
      found.push(`the content: ${content.scrollWidth} > ${content.clientWidth}`);
    for (const button of document.querySelectorAll('button, a.btn')) {
      const box = button.getBoundingClientRect();
      if (
        box.width > 0 &&
        button.closest('.table-scroll, [role="tablist"]') === null &&
        box.right > root.clientWidth + 1
      )
        found.push(`${button.textContent?.trim() ?? ''} ends at ${box.right}`);
    }
    return found;
  });
  expect(wide, `too wide on ${what}`).toEqual([]);
}
