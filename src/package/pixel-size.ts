import { readFile } from 'node:fs/promises'
import { fail } from '../failure.ts'
import { isMicrograph } from '../image/formats.ts'
import { pixelSizeInMm, type PixelSize } from '../image/pixel-size.ts'

/** The size of a picture's pixels: as asked for, or as the sidecar beside it says (`x.json` of `x.png`). Undefined for NIfTI, which knows. */
export async function pixelSizeBeside(path: string, asked: PixelSize | undefined): Promise<PixelSize | undefined> {
  if (!isMicrograph(path)) return undefined
  if (asked) return asked
  const sidecar = path.replace(/\.[^.]+$/, '.json')
  const text = await readFile(sidecar, 'utf8').catch(() => undefined)
  if (text === undefined) return fail({ kind: 'pixel-size-missing', path, detail: `there is no ${sidecar}` })
  const found = parsed(text)
  const size = pixelSizeInMm(found?.['PixelSize'], found?.['PixelSizeUnits'])
  return size ?? fail({ kind: 'pixel-size-missing', path, detail: `${sidecar} has no PixelSize [x, y] and PixelSizeUnits mm, um or nm` })
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined
  } catch {
    return undefined
  }
}
