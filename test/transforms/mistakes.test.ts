import { expect, test } from 'vitest'
import { nodes } from '../../nodes/index.ts'
import { printFailure } from '../../src/cli/print.ts'
import { loadPipeline } from '../../src/pipeline/load.ts'

/** All that is said of the transforms of a pipeline. */
async function said(transforms: string): Promise<string> {
  const text = `name: p
steps:
  dataset: { node: folder, params: { path: . } }
  index: { node: bids-index, inputs: { datasets: dataset }, params: { target_suffix: [_seg] } }
  slices: { node: slice, inputs: { index: index, datasets: dataset } }
  tensors:
    node: transform
    inputs: { slices: slices }
    params:
${transforms
  .split('\n')
  .map(line => `      ${line}\n`)
  .join('')}`
  const loadUserNode = () => Promise.reject(new Error('there is none'))
  const loaded = await loadPipeline('p.yaml', { registry: nodes, sets: [], env: {}, cwd: '/', loadUserNode, text })
  return loaded.ok ? 'nothing' : loaded.failures.map(failure => printFailure(failure, { color: false, cwd: '/' })).join('')
}

test('an unknown transform or setting is told with its place and the nearest right name', async () => {
  expect(
    await said('RandomAfine: { degrees: 5 }\nElasticTransform: { alpha_rnge: [1, 2], sigma_range: [1, 2] }\nClahe: { clip_limit: high }'),
  ).toMatchInlineSnapshot(`
    "p.yaml:10:7  node "transform" has no "RandomAfine"
        did you mean "RandomAffine"?
    p.yaml:11:27  tensors.ElasticTransform has no "alpha_rnge"
        did you mean "alpha_range"?
    p.yaml:12:28  tensors.Clahe.clip_limit is the text "high", and wants a number, at least 0
        At most so large a part of a tile may be of one grey level (0 to 1); 0, and 1 and more: no limit.
    "
  `)
})

test('transforms that are right are not complained of', async () => {
  expect(
    await said('ROICrop: { size: [32, 32] }\nDilateGT: { dilation_factor: 0.2 }\nRandomBiasField: { coefficients: 0.3, order: 2 }'),
  ).toBe('nothing')
})
