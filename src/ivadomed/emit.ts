import { basename } from 'node:path'
import { stringify } from 'yaml'
import { plain } from '../pipeline/tree.ts'
import type { Draft } from './draft.ts'
import type { Placed, Shape, ShapeStep } from './shape.ts'

/** The pipeline as YAML; every value says which key of the configuration it came from. */
export function emit(file: string, shape: Shape, draft: Draft): string {
  const at = (key: string): Placed | undefined => draft.placed.find(({ to }) => to.length === 1 && to[0] === key)
  const off = [...new Set(draft.off)].filter(key => !draft.placed.some(p => `${key}.`.startsWith(`${p.key}.`)))
  return [
    `# Made by "pipe import" from ${basename(file)}, a configuration of ivadomed. Behind # stands the key that a value came from.`,
    ...['name', 'seed'].flatMap(key => lineOf(0, key, at(key))),
    'steps:',
    shape.map(step => stepLines(step, draft).join('\n')).join('\n\n'),
    ...(draft.here.length + off.length > 0 ? ['', '# The other keys.'] : []),
    ...draft.here.map(({ key, value, here }) => `# ${key}, ${shortly(plain(value))}: ${here}`),
    ...wrapped(off, '# Off, or meaning nothing without another key: '),
    '',
  ].join('\n')
}

const shortly = (value: unknown): string => {
  const text = JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}

/** Words in comment lines of at most 120 characters. */
function wrapped(words: readonly string[], start: string): string[] {
  const lines: string[] = []
  for (const [i, word] of words.entries()) {
    const text = i < words.length - 1 ? `${word},` : word
    const line = lines.at(-1)
    if (line === undefined) lines.push(start + text)
    else if (line.length + text.length < 120) lines[lines.length - 1] = `${line} ${text}`
    else lines.push(`#   ${text}`)
  }
  return lines
}

function stepLines({ id, node, inputs }: ShapeStep, draft: Draft): string[] {
  const params = draft.placed.filter(({ to }) => to[0] === id)
  return [
    `  ${id}:`,
    `    node: ${node}`,
    ...(Object.keys(inputs).length > 0 ? [`    inputs: ${flow(inputs)}`] : []),
    ...(params.length > 0 ? ['    params:', ...paramLines(params, 1, 6)] : []),
  ]
}

/** Params below a common path, which is `depth` long. A whole mapping of params shows its entries one a line. */
function paramLines(params: readonly Placed[], depth: number, indent: number): string[] {
  const groups = new Map<string, Placed[]>()
  const lines: string[] = []
  for (const param of params) {
    const key = param.to[depth]
    if (key === undefined) lines.push(...entryLines(param, indent))
    else groups.set(String(key), [...(groups.get(String(key)) ?? []), param])
  }
  for (const [key, group] of groups) {
    const leaf = group.length === 1 && group[0]!.to.length === depth + 1 ? group[0] : undefined
    if (leaf) lines.push(...lineOf(indent, key, leaf))
    else lines.push(`${' '.repeat(indent)}${key}:`, ...paramLines(group, depth + 1, indent + 2))
  }
  return lines
}

function entryLines({ value, key, to }: Placed, indent: number): string[] {
  if (value.kind !== 'mapping') return []
  return [...value.entries].flatMap(([name, member]) => lineOf(indent, name, { to, value: member.value, key: `${key}.${name}` }))
}

function lineOf(indent: number, key: string, placed: Placed | undefined): string[] {
  if (!placed) return []
  const { value, key: from, why } = placed
  return [`${' '.repeat(indent)}${flow(key)}: ${flow(plain(value))} # ${from}${why === undefined ? '' : `, ${why}`}`]
}

/** Lists and mappings in one line, as the shipped pipelines have them. */
function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`
  if (typeof value !== 'object' || value === null) return scalar(value)
  const entries = Object.entries(value).map(([key, v]) => `${scalar(key)}: ${flow(v)}`)
  return entries.length > 0 ? `{ ${entries.join(', ')} }` : '{}'
}

/** Quoted where the inside of brackets needs it. What looks like a variable to pipelines is text in a configuration. */
const scalar = (value: unknown): string => {
  const text = typeof value === 'string' ? value.replaceAll('${', () => '$${') : value
  return stringify([text], { collectionStyle: 'flow', flowCollectionPadding: false, lineWidth: 0 }).trim().slice(1, -1)
}
