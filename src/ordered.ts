import { z } from 'zod'

/** One entry of an ordered mapping: its key under `name`, beside its checked settings. */
export type Entry = { readonly name: string } & Readonly<Record<string, unknown>>

/**
 * A mapping whose order matters, as YAML and JSON files write it: `{ binarize_prediction: { thr: 0.5 }, fill_holes: {} }`.
 * Each key must be in the table, and its value fit the schema there; `null` stands for `{}`. Gives the entries as a list, in
 * the order written, so that order is part of the fingerprint. Mistakes are reported under the key they are in.
 */
export function ordered(table: Readonly<Record<string, z.ZodObject>>): z.ZodType<readonly Entry[]> {
  const properties = () =>
    Object.fromEntries(Object.entries(table).map(([name, s]) => [name, z.toJSONSchema(s, { io: 'input', unrepresentable: 'any' })]))
  const schema = z.record(z.string(), z.unknown()).transform((mapping, context) =>
    Object.entries(mapping).flatMap(([name, raw]): Entry[] => {
      const known = Object.hasOwn(table, name) ? table[name] : undefined
      if (!known) {
        context.issues.push({ code: 'unrecognized_keys', keys: [name], input: mapping, path: [] })
        return []
      }
      const parsed = known.safeParse(raw ?? {})
      if (parsed.success) return [{ ...parsed.data, name }]
      for (const issue of parsed.error.issues) context.issues.push({ ...issue, path: [name, ...issue.path], input: raw } as never)
      return []
    }),
  )
  const described = schema.meta({
    get properties() {
      return properties()
    },
    additionalProperties: false,
  })
  orderedTables.set(described, table)
  return described
}

/** Which keys an ordered mapping knows, for messages that name the nearest one. */
export const orderedTables = new WeakMap<object, Readonly<Record<string, z.ZodObject>>>()
