import { defineConfig } from 'vitest/config'

/** Tests of pure functions: one process takes file after file, and imports what they share once. */
const together = [
  ...['bids', 'compare', 'docs', 'failures', 'image', 'integrity', 'ivadomed', 'metrics', 'net', 'package', 'pages', 'phantom', 'pipeline'],
  ...['postprocess', 'qc', 'report', 'statistics', 'sweep', 'tensorboard', 'transforms', 'uncertainty', 'upkeep'],
].map(folder => `test/${folder}/**/*.test.ts`)

export default defineConfig({
  test: {
    pool: 'forks',
    // One core less than there are would leave one worker on a machine with two.
    maxWorkers: '100%',
    testTimeout: 60_000,
    // Printed texts are compared; a CI that announces itself would get them in colour.
    env: { NO_COLOR: '1' },
    hookTimeout: 120_000,
    // The default export of a CommonJS package is what Node says it is, as in the command.
    deps: { interopDefault: false },
    reporters: ['default', './test/reporter.ts'],
    projects: [
      { extends: true, test: { name: 'alone', include: ['test/**/*.test.ts'], exclude: together } },
      { extends: true, test: { name: 'together', include: together, isolate: false } },
    ],
  },
})
