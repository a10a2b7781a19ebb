import type { Aggregate } from './aggregate.ts'
import { caseId, casesSection, type ShownCase } from './cases-section.ts'
import { dataSection, type DataFacts } from './data-section.ts'
import { figure, plural } from './figures.ts'
import { html, type Html } from './html.ts'
import { intervalWords } from './mean-cell.ts'
import { distributions, metricsTables, type MetricsShown } from './metrics-section.ts'
import { pageOf, type Section } from './page.ts'
import { runPlace } from './run-place.ts'
import { sizeCounts, sizesSection } from './sizes-section.ts'
import { thresholdSection, type FoundThreshold } from './threshold-section.ts'
import { trainingSection, type TrainedFacts } from './training-section.ts'

/** All that a report tells. */
export interface ReportData {
  readonly title: string
  readonly data: DataFacts
  readonly metrics: MetricsShown
  readonly cases: readonly ShownCase[]
  readonly model?: TrainedFacts | undefined
  readonly threshold?: FoundThreshold | undefined
}

/** The report of one evaluated pipeline as one HTML file. */
export function reportPage(of: ReportData): string {
  return pageOf({ title: of.title, lead: leadOf(of), sections: sectionsOf(of) })
}

function sectionsOf({ data, metrics, cases, model, threshold }: ReportData): readonly Section[] {
  const shownAt = new Map(cases.map((c, at) => [c.image, caseId(at)]))
  const sizes = sizesSection(sizeCounts(metrics.columns, metrics.rows), metrics.targets)
  const section = (id: string, title: string, body: Html | undefined): Section[] => (body ? [{ id, title, body }] : [])
  return [
    ...section('cases', 'Where it fails, and where it does not', casesSection(cases)),
    ...section(
      'metrics',
      'Metrics',
      metricsTables(metrics, image => shownAt.get(image)),
    ),
    ...section('distributions', 'Every image, by contrast', distributions(metrics)),
    ...section('sizes', 'Objects by size', sizes),
    ...section('training', 'Training', model && trainingSection(model)),
    ...section('threshold', 'Threshold', threshold && thresholdSection(threshold)),
    ...section('data', 'Data', dataSection(data)),
    ...section('run', 'Run', runPlace),
  ]
}

/** What was trained, how good it is, where it fails: in a few words. */
function leadOf({ data, metrics, cases, model }: ReportData): Html {
  const { targets, aggregates } = metrics
  const overall = aggregates.filter(a => a.contrast === undefined)
  const contrasts = [...new Set(data.images.map(i => i.contrast))].sort()
  const worst = cases.findIndex(c => c.rank === 'worst')
  return html`<p>Segmentation of ${targets.join(', ')} on ${contrasts.join(', ')}${model && html`: ${String(model.network['name'])}, ${model.parameters.toLocaleString('en')} parameters, trained for ${plural(model.epochs, 'epoch')}`}.</p>
<dl class="tiles">
${overall.map(a => diceTile(a, targets))}
${tile('Evaluated', plural(overall[0]?.images ?? 0, 'image'), `of ${plural(new Set(metrics.rows.map(r => r.subject)).size, 'subject')}`)}
${worst >= 0 && tile('Worst image', `${cases[worst]!.metric} ${figure(cases[worst]!.score)}`, html`<a href="#${caseId(worst)}">${cases[worst]!.image}</a>`)}
${model && tile('Best epoch', `${model.bestEpoch} of ${model.epochs}`, `validation loss ${figure(model.bestValidationLoss)}`)}
</dl>`
}

const tile = (name: string, big: string, small: Html | string): Html =>
  html`<div class="tile"><dt>${name}</dt><dd><span class="big">${big}</span><small>${small}</small></dd></div>`

function diceTile(a: Aggregate, targets: readonly string[]): Html | false {
  const dice = a.of.get('dice')
  if (!dice) return false
  const interval = dice.interval ? `95 % interval ${intervalWords(dice.interval)}` : 'mean over the images'
  return tile(`Dice of ${targets[a.class]!}`, figure(dice.mean), interval)
}
