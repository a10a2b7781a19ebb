import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    // One core less than there are would leave one worker on a machine with two.
    maxWorkers: '100%',
    testTimeout: 60_000,
    // Printed texts are compared; a CI that announces itself would get them in colour.
    env: { NO_COLOR: '1' },
    hookTimeout: 120_000,
    reporters: ['default', './test/reporter.ts'],
  },
})
