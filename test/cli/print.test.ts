import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { frame } from '../../src/cli/frame.ts'
import { printFailure, printFailures, shownPath } from '../../src/cli/print.ts'
import type { Failure } from '../../src/failure.ts'

function folder(text: string): string {
  const cwd = mkdtempSync(join(tmpdir(), 'print-'))
  onTestFinished(() => rmSync(cwd, { recursive: true }))
  writeFileSync(join(cwd, 'unet.yaml'), text)
  return cwd
}
const at = (line: number, column: number, length: number): Failure => ({
  kind: 'wrong-kind',
  input: 'split',
  wants: 'split',
  from: 'subjects',
  gives: 'index',
  givers: ['parts'],
  at: { file: 'unet.yaml', line, column, length },
})

test('a failure shows its place, the line, and what to do', () => {
  const cwd = folder('steps:\n  model: { inputs: { split: subjects } }\n')
  expect(printFailure(at(2, 29, 8), { color: false, cwd })).toMatchInlineSnapshot(`
    "unet.yaml:2:29  input "split" wants a split, and "subjects" gives an index
        2 |   model: { inputs: { split: subjects } }
                                        ^^^^^^^^
        "parts" gives a split
    "
  `)
})

test('several failures are parted by empty lines and counted', () => {
  const cwd = folder('a\nb\n')
  expect(
    printFailures([at(1, 1, 1), { kind: 'unknown-node', name: 'x', at: { file: 'gone.yaml', line: 3, column: 1 } }], { color: false, cwd }),
  ).toMatchInlineSnapshot(`
    "unet.yaml:1:1  input "split" wants a split, and "subjects" gives an index
        1 | a
            ^
        "parts" gives a split

    gone.yaml:3:1  no node is called "x"
        list them with: pipe nodes

    2 mistakes
    "
  `)
})

test('colour is used when asked for, and says nothing by itself', () => {
  const cwd = folder('steps:\n  model: { inputs: { split: subjects } }\n')
  const colored = printFailure(at(2, 29, 8), { color: true, cwd })
  expect(colored).toContain('\x1b[31m^^^^^^^^\x1b[39m')

  expect(colored.replace(/\x1b\[\d+m/g, '')).toBe(printFailure(at(2, 29, 8), { color: false, cwd }))
})

test('paths below the current folder are shown short', () => {
  expect(shownPath('/home/u/a/b.yaml', '/home/u')).toBe('a/b.yaml')
  expect(shownPath('/data/b.yaml', '/home/u')).toBe('/data/b.yaml')
  expect(shownPath('a/b.yaml', '/home/u')).toBe('a/b.yaml')
})

test.each([
  [1, 3],
  [150, 10],
  [290, 11],
  [10, 200],
])('a long line is cut around the place at column %d, %d long', (column, length) => {
  const line = Array.from({ length: 300 }, (_, i) => String.fromCharCode(97 + (i % 26))).join('')
  const { line: top, carets } = frame({ file: 'f', line: 7, column, length }, line, 80)
  expect(top.gutter.length + top.text.length).toBe(80)
  const start = carets.text.indexOf('^')
  const marked = top.text.slice(start, carets.text.length)
  expect(line.slice(column - 1, column - 1 + length).startsWith(marked.replace(/…$/, ''))).toBe(true)
  expect(marked.length).toBeLessThanOrEqual(length)
  expect(marked.length).toBeGreaterThan(Math.min(length, 70) - 2)
})

test('tabs do not move the carets, and a place past the end of its line is shown at the end', () => {
  expect(frame({ file: 'f', line: 1, column: 3, length: 1 }, '\t\tx').carets.text).toBe('  ^')
  expect(frame({ file: 'f', line: 1, column: 99, length: 5 }, 'abc').carets.text).toBe('   ^')
})
