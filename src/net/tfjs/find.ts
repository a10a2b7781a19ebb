import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

/** The packages that run TensorFlow.js natively; the one for GPUs, which runs on the CPU too, is taken first. */
export const nativePackages = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'] as const
export type NativePackage = (typeof nativePackages)[number]

/** A package that is installed: where, and its version. Nothing of it was loaded. */
export interface Found {
  readonly name: NativePackage
  readonly version: string
  /** Its package.json. */
  readonly manifest: string
}

/** The first native package of TensorFlow.js that is installed beside this one, or in the folder of the user's project. */
export function findNative(folders: readonly string[] = [import.meta.url, join(process.cwd(), 'package.json')]): Found | undefined {
  for (const name of nativePackages)
    for (const folder of folders) {
      const manifest = resolved(`${name}/package.json`, folder)
      if (manifest === undefined) continue
      const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }
      return { name, version, manifest }
    }
  return undefined
}

function resolved(name: string, from: string): string | undefined {
  try {
    return createRequire(from).resolve(name)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') return undefined
    throw error
  }
}

/** How fingerprints call what runs the networks: `@tensorflow/tfjs-node 4.22.0`. */
export const versionOf = ({ name, version }: Pick<Found, 'name' | 'version'>): string => `${name} ${version}`
