import { defineConfig } from 'vitest/config';

// The pages in a browser against a server of their own: npm run e2e. One file after the other, for they share the server.
export default defineConfig({
  test: {
    include: ['e2e/*.test.ts'],
    globalSetup: 'e2e/plant.ts',
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    sequence: { concurrent: false },
  },
});
