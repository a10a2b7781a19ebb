import { z } from 'zod'

/** Settings beside the name of what they are for: `{ name: DiceLoss, smooth: 1 }`. */
export type Named = { readonly name: string } & Readonly<Record<string, unknown>>

/**
 * One of a table's entries by `name`, with its own settings beside it; unknown settings are errors. `byDefault` is the entry
 * that is meant where no name is given; `hidden` are settings that users do not write, since they follow from other things.
 */
export function named(
  table: Readonly<Record<string, { readonly params: z.ZodType }>>,
  byDefault: string,
  hidden: readonly string[] = [],
): z.ZodType<Named> {
  const members = Object.entries(table).map(([name, { params }]) => {
    if (!(params instanceof z.ZodObject)) throw new Error(`the settings of ${name} are not a mapping`)
    const written = Object.entries(params.shape).filter(([key]) => !hidden.includes(key))
    const literal = z.literal(name)
    return z.strictObject({ name: name === byDefault ? literal.default(name) : literal, ...Object.fromEntries(written) })
  })
  // The types of the members are known at run time only: what is given on is parsed again by its entry's own schema.
  return z.discriminatedUnion('name', members as unknown as [z.ZodObject]) as unknown as z.ZodType<Named>
}
