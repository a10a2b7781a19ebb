import type { Registry } from '../src/node.ts'
import bidsIndex from './bids-index.ts'
import folder from './folder.ts'
import phantom from './phantom.ts'
import slice from './slice.ts'
import split from './split.ts'
import transform from './transform.ts'

/** Every built-in node, under the name that pipelines know it by: its file name. */
export const nodes = {
  'bids-index': bidsIndex,
  folder,
  phantom,
  slice,
  split,
  transform,
} as const satisfies Registry
