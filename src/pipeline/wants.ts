import { z } from 'zod'
import { bare } from './schemas.ts'

type Issue = z.core.$ZodIssue

const typeWords: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'a mapping',
  record: 'a mapping',
  null: 'nothing',
}

const formatWords: Readonly<Record<string, string>> = { url: 'a URL', date: 'a date', email: 'an e-mail address' }

/** What the schema wants where an issue was found: `a number from 0 to 1`, `one of dice, focal`. */
export function wantsWords(issue: Issue, schema: z.core.$ZodType | undefined): string {
  switch (issue.code) {
    case 'invalid_type':
      if (schema && ['number', 'int'].includes(issue.expected)) return numberWords(schema)
      if (schema && ['array', 'tuple'].includes(issue.expected)) return listWords(schema)
      return typeWords[issue.expected] ?? issue.expected
    case 'too_small':
    case 'too_big':
      return limitWords(issue, schema)
    case 'not_multiple_of':
      return `a multiple of ${issue.divisor}`
    case 'invalid_value':
      return optionWords(issue.values)
    case 'invalid_format':
      return formatWords[issue.format] ?? (issue.pattern ? `text that matches ${issue.pattern}` : `text: ${issue.format}`)
    case 'invalid_union':
      return unionWords(issue, schema)
    default:
      return issue.message
  }
}

function unionWords(issue: z.core.$ZodIssueInvalidUnion, schema: z.core.$ZodType | undefined): string {
  // A member with a default name may also go without one; that is no choice to list.
  const options = (issue as { options?: readonly unknown[] }).options?.filter(option => option !== undefined)
  if (options?.length) return optionWords(options)
  const def = schema ? bare(schema)._zod.def : undefined
  const members = def?.type === 'union' ? def.options : []
  const words = issue.errors.flatMap((member, i) => member.filter(e => e.path.length === 0).map(e => wantsWords(e, members[i])))
  return [...new Set(words)].join(', or ') || issue.message
}

const optionWords = (options: readonly unknown[]): string =>
  options.length > 1
    ? `one of ${options.map(String).join(', ')}`
    : typeof options[0] === 'string'
      ? `the text "${options[0]}"`
      : String(options[0])

const itemWords: Readonly<Record<string, string>> = { number: 'numbers', integer: 'whole numbers', string: 'texts', object: 'mappings' }

/** `a list of 2 to 3 numbers`. */
function listWords(schema: z.core.$ZodType): string {
  const { items, minItems, maxItems } = z.toJSONSchema(bare(schema), { io: 'input', unrepresentable: 'any', target: 'draft-7' })
  const type = typeof items === 'object' && !Array.isArray(items) ? (items.type ?? '') : ''
  const noun = itemWords[String(type)] ?? 'values'
  if (minItems !== undefined && maxItems !== undefined)
    return `a list of ${minItems === maxItems ? minItems : `${minItems} to ${maxItems}`} ${noun}`
  return minItems ? `a list of at least ${minItems} ${minItems === 1 ? noun.replace(/s$/, '') : noun}` : `a list of ${noun}`
}

function limitWords(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig, schema: z.core.$ZodType | undefined): string {
  const number = ['number', 'int', 'bigint'].includes(issue.origin)
  if (number && schema) return numberWords(schema)
  const limit = Number(issue.code === 'too_small' ? issue.minimum : issue.maximum)
  const side = issue.exact ? 'exactly' : issue.code === 'too_small' ? 'at least' : 'at most'
  if (number) return `a number, ${side} ${limit}`
  if (issue.origin === 'string')
    return limit === 1 && side === 'at least' ? 'text that is not empty' : `text of ${side} ${limit} characters`
  return `${issue.origin === 'array' ? 'a list' : 'a mapping'} of ${side} ${limit} ${limit === 1 ? 'value' : 'values'}`
}

/** Both limits of a number's schema, also when only one is broken. */
function numberWords(schema: z.core.$ZodType): string {
  const { type, minimum, maximum, exclusiveMinimum, exclusiveMaximum } = z.toJSONSchema(bare(schema), {
    io: 'input',
    unrepresentable: 'any',
  })
  const noun = type === 'integer' ? 'a whole number' : 'a number'
  const low = meant(minimum)
  const high = meant(maximum)
  const over = meant(exclusiveMinimum)
  const under = meant(exclusiveMaximum)
  if (low !== undefined && high !== undefined) return `${noun} from ${low} to ${high}`
  const limits = [
    over !== undefined ? `more than ${over}` : low !== undefined ? `at least ${low}` : undefined,
    under !== undefined ? `less than ${under}` : high !== undefined ? `at most ${high}` : undefined,
  ].filter(words => words !== undefined)
  return [noun, limits.join(' and ')].filter(Boolean).join(', ')
}

/** Limits of the number format itself are nobody's wish. */
const meant = (limit: unknown): number | undefined =>
  typeof limit === 'number' && Math.abs(limit) < Number.MAX_SAFE_INTEGER ? limit : undefined
