import { defineConfig } from 'vitest/config'

// Not tests: the pictures of the README are taken with the means of the browser tests.
export default defineConfig({
  test: { include: ['e2e/screenshots.ts'], environment: 'node', testTimeout: 120_000, hookTimeout: 120_000 },
})
