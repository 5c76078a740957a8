import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// The browser tests: real Chromium against the real binary, one file after the other.
export default defineConfig({
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  test: {
    include: ['e2e/**/*.test.ts'],
    environment: 'node',
    fileParallelism: false,
    // Far above what anything takes: a busy machine is slow, and what hangs still ends.
    testTimeout: 180_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
  },
})
