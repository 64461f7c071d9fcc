import { defineConfig } from '@playwright/test';
import { common } from './support/browser.ts';

export default defineConfig({
  ...common,
  testDir: './tests',
  outputDir: './test-results',
  reporter: 'list',
});
