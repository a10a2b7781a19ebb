import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import report from '../../nodes/report.ts'
import type { Artifacts } from '../../src/node.ts'
import { artifactIn, withFolder } from './each.ts'
import { evaluated } from './evaluated.ts'
import { failureOf, runWhole } from './whole.ts'

type Inputs = Artifacts<typeof report.inputs>
const htmlOf = ({ dir, document }: { readonly dir: string; readonly document: { readonly page: string } }): string =>
  readFileSync(join(dir, document.page), 'utf8')

test('the report of a pipeline is one file that tells data, metrics, cases and training, the same every time', () =>
  withFolder(async home => {
    const inputs = await evaluated(home)
    const ran = await runWhole(report, join(home, 'a'), {}, inputs)
    expect(ran.lines).toEqual([expect.stringMatching(/^info: 0\.\d MB$/)])
    expect(readdirSync(ran.dir)).toEqual(['report.html'])
    const page = htmlOf(ran)
    // The numbers of the inputs, as people read them.
    const { means, rows } = inputs.metrics.value
    expect(page).toContain(`<dt>Dice of _seg-manual</dt><dd><span class="big">${means['dice_class0']!.toFixed(4)}</span>`)
    for (const { values } of rows) expect(page).toContain(`data-by="${values['dice_class0']}">${values['dice_class0']!.toFixed(4)}</td>`)
    expect(page).toMatch(/<h3>Worst: sub-\d+_T\dw <small>/)
    expect(page).toMatch(/Dataset: phantom\. 8 images of 4 subjects\.\s+Label: _seg-manual \(8\)\./)
    expect(page).toContain(`<dt>Parameters</dt><dd>${inputs.model!.value.parameters.toLocaleString('en')}</dd>`)
    expect(page.match(/class="chart line"/g)).toHaveLength(3)
    expect(page).toContain('Steps, times, versions and the machine stand in the copy of this page')
    // Nothing is loaded from anywhere.
    expect(page.match(/(?:src|href)="(?!data:|#)[^"]*"/g)).toBeNull()
    expect(page).not.toMatch(/url\((?!#)|@import/)
    expect(htmlOf(await runWhole(report, join(home, 'b'), {}, inputs))).toBe(page)
  }))

test('with a threshold and maps of uncertainty there is more to see; without a model and a split there is less', () =>
  withFolder(async home => {
    const inputs = await evaluated(home, { n_it: 2 })
    const table = [0.25, 0.5, 0.75].map(threshold => ({ threshold, dice: threshold, recall: 1 - threshold, falsePositiveRate: 0.1 - threshold / 10 }))
    const threshold = artifactIn('threshold', home, { threshold: 0.75, dice: 0.75, images: 3, table })
    const more = htmlOf(await runWhole(report, join(home, 'more'), { cases: 1, slices: 2 }, { ...inputs, threshold }))
    expect(more).toContain('Of the thresholds tried on 3 images, 0.75 has the highest mean Dice, 0.7500.')
    expect(more.match(/uncertainty of the prediction"/g)).toHaveLength(2 * 2)
    const less = { ...inputs, model: undefined, split: undefined, predictions: undefined }
    const page = htmlOf(await runWhole(report, join(home, 'less'), {}, less))
    expect(page).not.toContain('id="training"')
    expect(page).not.toContain('uncertainty')
    expect(page).not.toContain('>Validation<')
    expect(page).toContain('id="cases"')
  }))

test('names that are markup are text, wherever they come from', () =>
  withFolder(async home => {
    const inputs = await evaluated(home)
    const evil = '<script>alert(1)</script>'
    const { index, masks, metrics } = inputs
    const ids = new Map(index.value.images.map(({ id }) => [id, `${id}${evil}`]))
    const images = index.value.images.map(row => ({ ...row, id: ids.get(row.id)!, subject: evil, contrast: evil }))
    const rows = metrics.value.rows.map(row => ({ ...row, image: ids.get(row.image)! }))
    const files = Object.entries(masks.value.images).map(([id, file]) => [ids.get(id)!, file] as const)
    const targets = [`"'${evil}`]
    const given: Inputs = {
      ...inputs,
      index: { ...index, value: { targets, images } },
      metrics: { ...metrics, value: { ...metrics.value, rows } },
      masks: { ...masks, value: { targets, images: Object.fromEntries(files) } },
      datasets: inputs.datasets.map(d => ({ ...d, value: { name: evil } })),
    }
    const page = htmlOf(await runWhole(report, join(home, 'evil'), { title: evil }, given))
    expect(page.match(/<script>/g)).toHaveLength(1)
    expect(page).not.toContain('alert(1)</script>')
    expect(page.match(/&lt;script&gt;alert\(1\)/g)!.length).toBeGreaterThan(20)
  }))

test('a metric that was not measured is told, with those that were', () =>
  withFolder(async home => {
    const inputs = await evaluated(home)
    const text = await failureOf(() => runWhole(report, join(home, 'out'), { rank_by: 'dise' }, inputs))
    expect(text).toContain('rank_by names a metric that was not measured: dise')
    expect(text).toContain('hd95')
  }))
