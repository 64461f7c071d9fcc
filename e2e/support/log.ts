import { expect, type Locator, type Page } from '@playwright/test';
import { t } from './texts.ts';

/** The part of the page that scrolls the log. */
export function log(page: Page): Locator {
  return page.getByRole('log', { name: t('ui.log.output') });
}

/** Switches a stream on or off. */
export function stream(page: Page, name: 'stdout' | 'stderr' | 'debug'): Locator {
  return page.getByRole('group', { name: t('ui.log.streams') }).getByRole('button', { name, exact: true });
}

/** Reads every line as it is seen by scrolling from the first to the last of them. */
export async function read(page: Page, total: number): Promise<string[]> {
  const lines = new Map<number, string>();
  const view = log(page);
  await view.press('Home');
  await expect(view.locator('[data-row="0"] .text')).toBeVisible();
  while (!lines.has(total - 1)) {
    // Rows that are still being fetched have no text yet.
    await expect(view.locator('[data-row]:not(:has(.text))')).toHaveCount(0);
    const seen = await view
      .locator('[data-row]')
      .evaluateAll((rows) =>
        rows.map(
          (row) =>
            [Number(row.getAttribute('data-row')), row.querySelector('.text')?.textContent ?? ''] as const,
        ),
      );
    for (const [row, text] of seen) lines.set(row, text);
    const last = Math.max(...seen.map(([row]) => row));
    if (last >= total - 1) break;
    await page.keyboard.press('PageDown');
    await expect.poll(() => view.locator(`[data-row="${last + 1}"]`).count()).toBe(1);
  }
  expect(
    [...lines.keys()].sort((a, b) => a - b),
    'rows',
  ).toEqual([...Array(total).keys()]);
  return [...lines.entries()].sort(([a], [b]) => a - b).map(([, text]) => text);
}
