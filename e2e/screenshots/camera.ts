import { expect, type Browser, type Page } from '@playwright/test';
import { join } from 'node:path';
import { type Installation } from '../support/installation.ts';
import { ask, signedIn } from '../support/people.ts';
import { languages, t, type Language } from '../support/texts.ts';

const folder = join(import.meta.dirname, '../../test-results/screenshots');
const sizes = [
  { width: 1920, height: 1080 },
  { width: 1024, height: 640 },
];
const themes = ['light', 'dark'] as const;
export type Theme = (typeof themes)[number];
/** All pairs of theme and language. */
export const variants = themes.flatMap((theme) => languages.map((language) => ({ theme, language })));

/** A new window as a person with that theme and language has it. */
export async function newCamera(browser: Browser, house: Installation, theme: Theme, language: Language) {
  const context = await browser.newContext({
    reducedMotion: 'reduce',
    colorScheme: theme,
    locale: language,
  });
  return new Camera(await context.newPage(), house, theme, language);
}

/** Takes one page in both sizes. */
export class Camera {
  readonly page: Page;
  readonly #house: Installation;
  readonly #theme: Theme;
  readonly language: Language;

  constructor(page: Page, house: Installation, theme: Theme, language: Language) {
    this.page = page;
    this.#house = house;
    this.#theme = theme;
    this.language = language;
  }

  text(key: string, params = {}): string {
    return t(key, params, this.language);
  }

  on(page: Page): Camera {
    return new Camera(page, this.#house, this.#theme, this.language);
  }

  async shoot(name: string): Promise<void> {
    for (const size of sizes) {
      await this.page.setViewportSize(size);
      await expect(this.page.locator('.row-shape')).toHaveCount(0);
      await this.page.evaluate(() => document.fonts.ready);
      await this.page.screenshot({
        path: join(folder, `${size.width}x${size.height}`, this.#theme, `${name}-${this.language}.png`),
        animations: 'disabled',
      });
    }
  }

  async go(name: string, path: string): Promise<void> {
    await this.page.goto(`${this.#house.url}#/${path}`);
    await expect(this.page.getByRole('heading', { level: 1 })).toBeVisible();
    await this.shoot(name);
  }

  /** Opens a menu or dialog, takes it, and closes it with Escape. */
  async open(name: string, button: string): Promise<void> {
    await this.page.getByRole('button', { name: button }).click();
    await this.shoot(name);
    await this.page.keyboard.press('Escape');
  }

  async tab(name: string, key: string): Promise<void> {
    await this.page.getByRole('tab', { name: this.text(key) }).click();
    await this.shoot(name);
  }
}

/** Gives the account the theme and language. */
export async function prefer(
  page: Page,
  house: Installation,
  who: string,
  theme: Theme,
  language: Language,
): Promise<void> {
  const token = await signedIn(page.request, house, who);
  const answer = await ask(page.request, house, token, 'Session.SetPreferences', { theme, language });
  expect(answer.ok()).toBe(true);
}
