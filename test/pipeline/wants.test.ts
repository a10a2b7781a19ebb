import { expect, test } from 'vitest'
import { z } from 'zod'
import { wantsWords } from '../../src/pipeline/wants.ts'

const strict = z.strictObject({ a: z.int() })

test.each<[z.ZodType, unknown, string]>([
  [z.number(), 'x', 'a number'],
  [z.int(), 0.5, 'a whole number'],
  [z.int().min(1).max(9), 0, 'a whole number from 1 to 9'],
  [z.number().gt(0).lt(1), 0, 'a number, more than 0 and less than 1'],
  [z.number().max(3).default(1), 4, 'a number, at most 3'],
  [z.number().multipleOf(2), 3, 'a multiple of 2'],
  [z.string(), 3, 'text'],
  [z.string().min(1), '', 'text that is not empty'],
  [z.string().min(3), 'ab', 'text of at least 3 characters'],
  [z.string().regex(/^a/), 'b', 'text that matches /^a/'],
  [z.url(), 'b', 'a URL'],
  [z.boolean(), 'yes', 'true or false'],
  [z.enum(['a', 'b']), 'c', 'one of a, b'],
  [z.enum(['a']), 'c', 'the text "a"'],
  [z.literal(3), 4, '3'],
  [z.array(z.number()), 3, 'a list of numbers'],
  [z.array(z.number()).length(2), 3, 'a list of 2 numbers'],
  [z.array(z.int()).min(2).max(3), 3, 'a list of 2 to 3 whole numbers'],
  [z.array(z.string()).min(1), 3, 'a list of at least 1 text'],
  [z.array(z.string()).min(1), [], 'a list of at least 1 value'],
  [z.array(z.string()).length(2), ['a'], 'a list of exactly 2 values'],
  [z.tuple([z.int(), z.string()]), 3, 'a list of 2 values'],
  [z.record(z.string(), z.int()), 3, 'a mapping'],
  [strict, 3, 'a mapping'],
  [z.union([z.int().min(2), z.literal('auto')]), 'x', 'a whole number, at least 2, or the text "auto"'],
  [z.union([z.boolean(), strict]), 3, 'true or false, or a mapping'],
  [z.discriminatedUnion('t', [z.object({ t: z.literal('p') }), z.object({ t: z.literal('q') })]), { t: 'r' }, 'one of p, q'],
])('%# %j', (schema, value, words) => {
  const issue = schema.safeParse(value).error!.issues[0]!
  expect(wantsWords(issue, issue.path.length ? undefined : schema)).toBe(words)
})
