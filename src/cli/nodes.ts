import type { Command } from 'commander'
import pc from 'picocolors'
import { z } from 'zod'
import type { AnyNode, Inputs } from '../node.ts'
import { nearest } from '../nearest.ts'
import { UsageError, type Context } from './context.ts'

export function addNodes(program: Command, context: Context): void {
  program
    .command('nodes')
    .argument('[name]', 'one node, with its inputs and params')
    .summary('the stages there are, and what each takes and gives')
    .description('Lists the nodes that a pipeline can use; with a name, the inputs, the params with their defaults, and the output of one.')
    .addHelpText('after', '\nExamples:\n  pipe nodes\n  pipe nodes train')
    .action(async (name?: string) => {
      const registry = await context.registry()
      if (name === undefined) {
        const width = Math.max(...Object.keys(registry).map(n => n.length))
        for (const [id, node] of Object.entries(registry)) context.out(`${pc.bold(id.padEnd(width))}  ${node.summary}\n`)
        return
      }
      const node = Object.hasOwn(registry, name) ? registry[name] : undefined
      if (!node) {
        const near = nearest(name, Object.keys(registry))
        throw new UsageError([{ kind: 'unknown-node', name, ...(near === undefined ? {} : { nearest: near }) }])
      }
      context.out(page(name, node))
    })
}

interface JsonSchema {
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly default?: unknown
  readonly enum?: readonly unknown[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
}

function page(name: string, node: AnyNode): string {
  const schema = z.toJSONSchema(node.params as z.ZodType, { io: 'input', unrepresentable: 'any' }) as JsonSchema
  const inputs = Object.entries(node.inputs as Inputs).map(
    ([id, spec]) => `  ${id}: ${spec.type.kind}${spec.many ? ' (one or several)' : ''}${spec.optional ? ' (optional)' : ''}`,
  )
  return [
    `${pc.bold(name)} (version ${node.version})`,
    node.summary,
    ...(inputs.length > 0 ? ['', pc.bold('inputs'), ...inputs] : []),
    '',
    pc.bold('gives'),
    `  ${node.output.kind}`,
    ...(schema.properties && Object.keys(schema.properties).length > 0 ? ['', pc.bold('params'), ...params(schema.properties, '  ')] : []),
    '',
  ].join('\n')
}

function params(properties: Readonly<Record<string, JsonSchema>>, indent: string): string[] {
  return Object.entries(properties).flatMap(([key, p]) => {
    const kind = p.enum ? p.enum.map(v => JSON.stringify(v)).join(' | ') : p.type === undefined ? '' : String(p.type)
    const initial = p.default === undefined ? '' : pc.dim(` = ${JSON.stringify(p.default)}`)
    const inner = p.properties ? params(p.properties, `${indent}  `) : []
    return [`${indent}${key}${inner.length > 0 ? '' : `: ${kind}${initial}`}${p.description ? pc.dim(`  ${p.description}`) : ''}`, ...inner]
  })
}
