import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A file system of its own, in memory. */
export interface SmallDisk {
  /** `size=20m`, `ro`. */
  readonly remount: (options: string) => void
  readonly unmount: () => void
}

/** Mounts a file system in a folder, no larger than that: `260k`. */
export function mountSmall(dir: string, size: string): SmallDisk {
  mkdirSync(dir, { recursive: true })
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', dir], { stdio: 'pipe' })
  return {
    remount: options => void execFileSync('mount', ['-o', `remount,${options}`, dir], { stdio: 'pipe' }),
    unmount: () => void execFileSync('umount', [dir]),
  }
}

/** Mounting wants rights that a test need not have; undefined where it works. */
export const whyNoMount = ((): string | undefined => {
  const probe = mkdtempSync(join(tmpdir(), 'mount-'))
  try {
    mountSmall(probe, '64k').unmount()
    return undefined
  } catch {
    return 'nothing may be mounted here'
  } finally {
    rmSync(probe, { recursive: true })
  }
})()
