import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// The browser tests: real Chromium against the real binary, two files at a time. They wait more than they compute.
export default defineConfig({
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  test: {
    include: ['e2e/**/*.test.ts'],
    environment: 'node',
    maxWorkers: 2,
    // Far above what anything takes: a busy machine is slow, and what hangs still ends.
    testTimeout: 300_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 120_000 } },
  },
})
