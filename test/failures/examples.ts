import { expect, test } from 'vitest'
import { printFailure } from '../../src/cli/print.ts'
import type { Failure } from '../../src/failure.ts'

type OfTable<T> = Extract<Failure, { readonly kind: keyof T }>

/**
 * Examples of every kind in a table of failures. `example` prints one and hands the text to its check, an inline snapshot;
 * `complete`, called last, fails for a kind without an example.
 */
export function examplesOf<T extends object>(
  table: T,
): { example: (failure: OfTable<T>, check: (text: string) => void) => void; complete: () => void } {
  const shown = new Set<string>()
  return {
    example(failure, check) {
      const again = shown.has(failure.kind) ? ', in another case' : ''
      shown.add(failure.kind)
      test(`${failure.kind}${again}`, () => check(printFailure(failure, { color: false, cwd: '/home/u' })))
    },
    complete() {
      test('every kind of the table has an example', () => {
        expect(Object.keys(table).filter(kind => !shown.has(kind))).toEqual([])
      })
    },
  }
}
