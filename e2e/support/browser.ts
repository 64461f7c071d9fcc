import { existsSync } from 'node:fs';
import { type PlaywrightTestConfig } from '@playwright/test';

/** The machine's own Chromium, as Playwright's builds are downloaded from elsewhere. */
function executable(): string | undefined {
  const named = process.env['SM_CHROMIUM'];
  if (named) return named;
  return ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
    existsSync(path),
  );
}

/** What tests and screenshots have in common. */
export const common: PlaywrightTestConfig = {
  // A broken test is mended, not tried again.
  retries: 0,
  workers: Number(process.env['SM_WORKERS'] ?? 2),
  forbidOnly: Boolean(process.env['CI']),
  // Waits end as soon as their condition holds; these bound them on a busy machine.
  timeout: 120_000,
  expect: { timeout: 30_000 },
  use: {
    browserName: 'chromium',
    headless: true,
    locale: 'en-GB',
    timezoneId: 'Europe/Rome',
    viewport: { width: 1366, height: 800 },
    actionTimeout: 30_000,
    navigationTimeout: 60_000,
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: executable(),
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
};
