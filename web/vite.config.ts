import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

// Where the API answers while developing: the REST proxy of a running auscultd.
const api = process.env.AUSCULT_REST ?? 'http://127.0.0.1:7080';
const proxy = Object.fromEntries(['/v1', '/openapi.json', '/version', '/docs'].map((path) => [path, { target: api }]));

export default defineConfig({
  base: './',
  plugins: [svelte()],
  server: { proxy },
  preview: { proxy },
  build: { target: 'es2022', cssCodeSplit: true, modulePreload: { polyfill: false }, assetsInlineLimit: 0 },
  test: { include: ['tests/**/*.test.ts'] },
});
