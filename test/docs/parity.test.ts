import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')

interface Line {
  readonly row: number
  readonly state: string
  readonly shownBy: string
}

/** Lines of the tables of a page that begin with a number: number, what, state, tests. */
const tableOf = (page: string): readonly Line[] =>
  readFileSync(join(root, 'docs', page), 'utf8')
    .split('\n')
    .map(line =>
      line
        .replace(/^\| | *\|$/g, '')
        .split(' | ')
        .map(cell => cell.trim()),
    )
    .filter(([row]) => /^\d+$/.test(row ?? ''))
    .map(([row, , state, ...shownBy]) => ({ row: Number(row), state: state!, shownBy: shownBy.join(' | ') }))

const table = tableOf('parity.md')
const defects = tableOf('ivadomed.md')

/** The rows of what can be done in 2D, from first to last. */
const wanted: readonly (readonly [from: number, to: number])[] = [
  ...([
    [6, 22],
    [31, 34],
    [36, 50],
    [55, 57],
    [59, 63],
    [65, 85],
    [90, 90],
  ] as const),
  ...([
    [93, 97],
    [102, 112],
    [127, 128],
    [130, 130],
    [133, 134],
  ] as const),
]

test('every row of the capabilities in 2D is in the table once, in order', () => {
  const rows = wanted.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, i) => from + i))
  expect(table.map(({ row }) => row).filter(row => rows.includes(row))).toEqual(rows)
  expect(new Set(table.map(({ row }) => row)).size).toBe(table.length)
})

test('a row says that it works, why it does not yet, or why by design', () => {
  for (const { row, state } of table) expect(`${row}: ${state}`).toMatch(/^\d+: .*(works|not yet|by design)/)
})

/** The tests that a row cites. */
const cited = ({ shownBy }: Line): readonly (readonly [file: string, name: string])[] =>
  [...shownBy.matchAll(/`(test\/[^`]+)`: "(.*?)"(?=; `|$)/g)].map(found => [found[1]!, found[2]!])

const files = new Map<string, ReadonlySet<string>>()

/** What the tests of a file are called: the texts that calls of `test`, `test.each(...)`, `sharedTest` ... are given. */
function testsOf(file: string): ReadonlySet<string> {
  const known = files.get(file)
  if (known) return known
  const source = ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest)
  const names = new Set<string>()
  const walk = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && /^(test\b|\w*Test\b)/.test(node.expression.getText(source)))
      for (const argument of node.arguments) if (ts.isStringLiteralLike(argument)) names.add(argument.text)
    ts.forEachChild(node, walk)
  }
  walk(source)
  files.set(file, names)
  return names
}

function expectTests(line: Line): void {
  const tests = cited(line)
  // Nothing in the cell beside the tests: else one was written in another form, and would not be looked for.
  expect(line.shownBy).toBe(tests.map(([file, name]) => `\`${file}\`: "${name}"`).join('; '))
  for (const [file, name] of tests) {
    expect(existsSync(join(root, file)), file).toBe(true)
    expect([...testsOf(file)], file).toContain(name)
  }
}

test.each(table)('the tests that show row $row are there', line => {
  expect(cited(line).length).toBeGreaterThan(0)
  expectTests(line)
})

test('each of the 33 defects is told once, in order, with what is done here', () => {
  expect(defects.map(({ row }) => row)).toEqual(Array.from({ length: 33 }, (_, i) => i + 1))
  for (const { row, state } of defects) expect(state, String(row)).not.toBe('')
  // One has no test: the language.
  expect(defects.filter(line => cited(line).length === 0).map(({ row }) => row)).toEqual([27])
})

test.each(defects)('the tests that show the other way with defect $row are there', expectTests)
