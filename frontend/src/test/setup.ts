import '@testing-library/jest-dom/vitest';
import { beforeAll, vi } from 'vitest';
import { i18n } from '$lib/i18n/i18n.svelte';

// jsdom has no media queries; the interface asks for the system's theme and for reduced motion.
vi.stubGlobal('matchMedia', (query: string) => ({
  matches: false,
  media: query,
  addEventListener: () => undefined,
  removeEventListener: () => undefined,
}));

beforeAll(() => i18n.use('en'));
