import type { RunState, StepState } from '../run-state.ts'
import { h } from './dom.ts'
import { timeWords } from './words.ts'

/** The steps of a run with how they stand. */
export const stepsTable = (run: RunState): HTMLElement =>
  h('table', { class: 'steps' }, h('tbody', {}, ...run.steps.map(step => h('tr', {}, ...cells(step).map(cell => h('td', {}, cell))))))

function cells(step: StepState): readonly (Node | string)[] {
  const { name, state, ms, why } = step
  const time = ms === undefined || state === 'cached' ? '' : timeWords(ms)
  return [name, h('span', { class: `state ${state}` }, state), time, why ?? progressWords(step)]
}

function progressWords({ state, elements, made, progress }: StepState): string {
  if (state !== 'running') return elements ? `${elements.total} elements, ${elements.ran} made` : ''
  if (elements) return `${elements.cached + made} of ${elements.total}`
  return progress ? `${progress.unit} ${progress.done}${progress.total ? ` of ${progress.total}` : ''}` : ''
}
