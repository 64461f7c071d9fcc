import { defineConfig } from '@playwright/test';
import { common } from './support/browser.ts';

/** Takes pictures of every page of the real program: `npm run screenshots`. They go to test-results/screenshots. */
export default defineConfig({
  ...common,
  testDir: './screenshots',
  testMatch: '*.shots.ts',
  outputDir: './test-results',
  reporter: 'list',
  timeout: 900_000,
});
