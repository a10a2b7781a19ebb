import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    testTimeout: 60_000,
    // Printed texts are compared; a CI that announces itself would get them in colour.
    env: { NO_COLOR: '1' },
    hookTimeout: 120_000,
    reporters: ['default', './test/reporter.ts'],
  },
})
