import type { Registry } from '../src/node.ts'
import bidsIndex from './bids-index.ts'
import curves from './curves.ts'
import evaluate from './evaluate.ts'
import download from './download.ts'
import folder from './folder.ts'
import infer from './infer.ts'
import packageModel from './package.ts'
import phantom from './phantom.ts'
import postprocess from './postprocess.ts'
import qc from './qc.ts'
import report from './report.ts'
import slice from './slice.ts'
import split from './split.ts'
import threshold from './threshold.ts'
import train from './train.ts'
import transform from './transform.ts'

/** Every built-in node, under the name that pipelines know it by: its file name. */
export const nodes: Registry = {
  'bids-index': bidsIndex,
  curves,
  evaluate,
  download,
  folder,
  infer,
  package: packageModel,
  phantom,
  postprocess,
  qc,
  report,
  slice,
  split,
  threshold,
  train,
  transform,
}
