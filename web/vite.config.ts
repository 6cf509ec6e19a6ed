import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

// Where the API answers while developing: the REST proxy of a running auscultd.
const api = process.env.AUSCULT_REST ?? 'http://127.0.0.1:7080';
const proxy = Object.fromEntries(['/v1', '/openapi.json', '/version'].map((path) => [path, { target: api }]));

export default defineConfig({
  base: './',
  plugins: [svelte()],
  server: { proxy },
  preview: { proxy },
  build: {
    target: 'es2022',
    manifest: true,
    modulePreload: { polyfill: false },
    // Everything as a file of its own: the server forbids data: and inline scripts.
    assetsInlineLimit: 0,
    // The viewer of the API is large and stands by itself.
    chunkSizeWarningLimit: 2000,
    rollupOptions: { input: ['index.html', 'docs/index.html'] },
  },
  test: { include: ['tests/**/*.test.ts'], setupFiles: ['tests/storage.ts'] },
});
