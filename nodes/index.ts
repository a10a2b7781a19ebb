import type { Registry } from '../src/node.ts'

/** Every built-in node, under the name that pipelines know it by: its file name. */
export const nodes = {} as const satisfies Registry
