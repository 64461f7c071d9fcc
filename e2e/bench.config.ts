import { defineConfig } from '@playwright/test';
import { common } from './support/browser.ts';

/** Measures what is felt in the browser; `task bench` runs it. Each file writes its values to the file named by SM_BENCH_OUTPUT. */
export default defineConfig({
  ...common,
  testDir: './bench',
  testMatch: '*.bench.ts',
  outputDir: './test-results',
  reporter: 'list',
  workers: 1,
  timeout: 900_000,
  expect: { timeout: 120_000 },
});
