import { expect, test } from 'vitest'
import { isMet, page, type Outcome } from './figures.ts'
import { measure, median, repeated } from './measure.ts'

test('a command is measured whole, with the processes that it starts', async () => {
  const child = `const a = Buffer.alloc(200 << 20, 1); setTimeout(() => a.length, 400)`
  const parent = `require('node:child_process').spawnSync(process.execPath, ['-e', ${JSON.stringify(child)}]); console.log('done')`
  const measured = await measure([process.execPath, '-e', parent])
  expect(measured.stdout).toBe('done\n')
  expect(measured.seconds).toBeGreaterThan(0.4)
  if (process.platform !== 'linux') return
  expect(measured.largestProcessMiB).toBeGreaterThan(200)
  expect(measured.residentMiB).toBeGreaterThan(measured.largestProcessMiB!)
})

test('a command that fails is told with its words', async () => {
  await expect(measure([process.execPath, '-e', 'console.error("no disk"); process.exit(3)'])).rejects.toThrow(/ended with 3\nno disk/)
})

test('the median is the middle, and warm-up rounds are left out', async () => {
  expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5])
  expect(await repeated(2, 3, round => Promise.resolve(round))).toEqual([3, 4])
})

const outcome: Outcome = {
  bench: 'tutorial',
  title: 'ten epochs',
  date: '2026-01-02',
  machine: { processor: 'P', cores: 2 },
  versions: { node: 'v20', torch: '1.13' },
  figures: [
    { what: 'an epoch', value: 0.6512, unit: 'x', target: { most: 0.8 }, from: '50 s | 77 s' },
    { what: 'Dice', value: 0.8499, unit: '', target: { least: 0.85 } },
    { what: 'whole command', value: 1234.5, unit: 's' },
  ],
}

test('a figure at its bound meets its target', () => {
  expect(outcome.figures.map(isMet)).toEqual([true, false, undefined])
  expect(isMet({ what: '', unit: '', value: 0.8, target: { most: 0.8 } })).toBe(true)
  expect(isMet({ what: '', unit: '', value: 0.85, target: { least: 0.85 } })).toBe(true)
})

test('the page has a table of each bench, and says what is not met', () => {
  const lines = page([outcome]).split('\n')
  expect(lines.slice(lines.indexOf('## tutorial: ten epochs'))).toEqual([
    '## tutorial: ten epochs',
    '',
    '| what | figure | target | met | from |',
    '| --- | --- | --- | --- | --- |',
    '| an epoch | 0.6512 x | at most 0.8 | yes | 50 s \\| 77 s |',
    '| Dice | 0.8499 | at least 0.85 | **no** |  |',
    '| whole command | 1235 s |  |  |  |',
    '',
    '2026-01-02; processor P, cores 2; node v20, torch 1.13',
    '',
  ])
})
