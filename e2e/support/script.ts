import { expect, type FrameLocator, type Page } from '@playwright/test';
import type { Installation } from './installation.ts';
import { type Language, t } from './texts.ts';

/** Opens the page of a script and waits until it can be run. */
export async function openScript(page: Page, house: Installation, id: string, name: string): Promise<void> {
  await page.goto(`${house.url}#/scripts/${id}`);
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
}

/** The button that runs the script of the page. */
export function runButton(page: Page, language: Language = 'en') {
  return page
    .locator('.page-header')
    .getByRole('button', { name: t('ui.run.run', {}, language), exact: true });
}

export interface Tab {
  page: Page;
  /** The execution's id. */
  id: string;
  /** The script's own page. */
  frame: FrameLocator;
}

/** Presses what opens a script's tab, and gives the tab. */
export async function opensTab(page: Page, press: () => Promise<void>): Promise<Tab> {
  const [tab] = await Promise.all([page.context().waitForEvent('page'), press()]);
  await tab.waitForURL(/#\/window\//);
  const id = new URL(tab.url()).hash.split('/').pop() ?? '';
  return { page: tab, id, frame: tab.frameLocator('iframe') };
}

/** Runs the script of the page and gives its tab. */
export function runScript(page: Page, language: Language = 'en'): Promise<Tab> {
  return opensTab(page, () => runButton(page, language).click());
}
