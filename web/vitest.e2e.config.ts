import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// The browser tests: real Chromium against the real binary, three files at a time, because they often wait.
export default defineConfig({
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  test: {
    include: ['e2e/**/*.test.ts'],
    environment: 'node',
    maxWorkers: 3,
    // Far above what anything takes: a busy machine is slow, and what hangs still ends.
    testTimeout: 300_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 120_000 } },
  },
})
