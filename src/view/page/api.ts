import { isMicrograph } from '../../image/formats.ts'
import type { Layer } from '../images.ts'
import type { RunPage } from '../run-page.ts'
import type { TimedEvent } from '../run-state.ts'
import type { RunName, RunSummary } from '../runs.ts'
import type { SliceErrors } from '../../qc/errors.ts'

/** What the server knows. Everything is of this page's own address. */
const base = ({ pipeline, run }: RunName): string => `/api/runs/${encodeURIComponent(pipeline)}/${encodeURIComponent(run)}`

/** The page of a run. */
export const pageOf = ({ pipeline, run }: RunName): string => `/runs/${encodeURIComponent(pipeline)}/${encodeURIComponent(run)}`

async function get<T>(url: string): Promise<T> {
  const answer = await fetch(url)
  if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`)
  // One cast: the server's types are this page's.
  return (await answer.json()) as T
}

/** All runs, the newest first. */
export const getRuns = (): Promise<readonly RunSummary[]> => get('/api/runs')

/** What a run has by now. */
export const getRun = (name: RunName): Promise<RunPage> => get(base(name))

/** Where the mask of an image is wrong; undefined without a mask or a label. */
export async function getErrors(name: RunName, image: string): Promise<SliceErrors | undefined> {
  const answer = await fetch(`${base(name)}/slices/${encodeURIComponent(image)}`)
  return answer.ok ? ((await answer.json()) as SliceErrors) : undefined
}

/** The picture of an image's worst slice. */
export const lookUrlOf = (name: RunName, image: string): string => `${base(name)}/look/${encodeURIComponent(image)}`

/** Where the volume of a layer is got: its file, or what the server makes of a picture. */
export const urlOf = (name: RunName, { step, path }: Pick<Layer, 'step' | 'path'>): string =>
  `${base(name)}/${isMicrograph(path) ? 'volumes' : 'files'}/${encodeURIComponent(step)}/${path.split('/').map(encodeURIComponent).join('/')}`

/** Tells of every event of a run, those before too, until it ends. */
export function follow(name: RunName, tell: (event: TimedEvent) => void): void {
  const source = new EventSource(`${base(name)}/events`)
  source.addEventListener('message', (message: MessageEvent<string>) => {
    const event = JSON.parse(message.data) as TimedEvent
    tell(event)
    if (event.type === 'run-done') source.close()
  })
}
