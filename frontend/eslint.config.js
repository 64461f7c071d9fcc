import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

const onlyApi = (names, message) => ({
  'no-restricted-globals': ['error', ...names.map((name) => ({ name, message }))],
});

export default ts.config(
  { ignores: ['dist/', 'node_modules/', 'wailsjs/'] },
  js.configs.recommended,
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  { languageOptions: { globals: { ...globals.browser } } },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: {
      parserOptions: { extraFileExtensions: ['.svelte'], parser: ts.parser, svelteConfig },
    },
  },
  {
    rules: {
      // Dates are values here; nothing sets a part of one.
      'svelte/prefer-svelte-reactivity': 'off',
      'no-console': 'error',
      eqeqeq: 'error',
      'no-eval': 'error',
      'no-implied-eval': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      // Addresses are hash routes of our own router, not of SvelteKit.
      'svelte/no-navigation-without-resolve': 'off',
      ...onlyApi(['fetch', 'WebSocket'], 'Only lib/api speaks with the engine.'),
    },
  },
  {
    files: ['src/lib/api/**'],
    rules: {
      // Dates are values here; nothing sets a part of one.
      'svelte/prefer-svelte-reactivity': 'off',
      'no-restricted-globals': 'off',
    },
  },
  { files: ['*.config.{js,ts}'], languageOptions: { globals: { ...globals.node } } },
);
