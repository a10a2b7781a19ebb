import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { Gunzip } from 'node:zlib'
import { fail } from '../failure.ts'

/** The bytes of a file in order, inflated where they are gzip: only as many are made as are asked for. */
export interface Bytes {
  /** Of the file on disk. */
  readonly size: number
  readonly gzipped: boolean
  /** Fills `into` from where the last read stopped, and gives how many there were; fewer than asked for is the end. */
  read(into: Uint8Array): Promise<number>
  /** After the last read: gzip's checksum, where nothing follows. What follows is tolerated. */
  verify(): Promise<void>
  close(): Promise<void>
}

/** Opens a plain or gzip file, told apart by its first two bytes. `role` names it in messages: "the image". */
export async function openBytes(path: string, role: string): Promise<Bytes> {
  const file = await openFile(path, role)
  const { size } = await file.stat()
  const start = new Uint8Array(2)
  const plain = new PlainBytes(file, size)
  try {
    if ((await file.read(start, 0, 2, 0).catch(unreadable(path, role))).bytesRead === 0) fail({ kind: 'file-empty', path, role })
  } catch (error) {
    await file.close()
    throw error
  }
  if (start[0] !== 0x1f || start[1] !== 0x8b) return plain
  await file.close()
  return new GzipBytes(path, size)
}

/** What a file that cannot be read fails with. */
export const unreadable =
  (path: string, role: string) =>
  (error: NodeJS.ErrnoException): never =>
    error.code === 'ENOENT' || error.code === 'ENOTDIR'
      ? fail({ kind: 'file-missing', path, role })
      : fail({ kind: 'file-unreadable', path, role, detail: error.message })

const openFile = (path: string, role: string): Promise<FileHandle> => open(path, 'r').catch(unreadable(path, role))

class PlainBytes implements Bytes {
  readonly gzipped = false
  readonly size: number
  readonly #file: FileHandle
  #position = 0

  constructor(file: FileHandle, size: number) {
    this.#file = file
    this.size = size
  }

  async read(into: Uint8Array): Promise<number> {
    let filled = 0
    while (filled < into.length) {
      // One call of the system reads at most 2 GiB.
      const { bytesRead } = await this.#file.read(into, filled, Math.min(into.length - filled, 2 ** 30), this.#position)
      if (bytesRead === 0) break
      filled += bytesRead
      this.#position += bytesRead
    }
    return filled
  }

  async verify(): Promise<void> {
    // Plain bytes carry no checksum.
  }

  close(): Promise<void> {
    return this.#file.close()
  }
}

class GzipBytes implements Bytes {
  readonly gzipped = true
  readonly size: number
  readonly #path: string
  readonly #gunzip: Gunzip
  readonly #chunks: AsyncIterator<Buffer>
  #rest: Uint8Array = new Uint8Array(0)
  #truncated = false

  constructor(path: string, size: number) {
    this.#path = path
    this.size = size
    // Chunks of 1 MiB inflate about three times as fast as the default of 16 KiB.
    this.#gunzip = createGunzip({ chunkSize: 2 ** 20 })
    // An error reaches us through the iterator; after `close` none matters.
    pipeline(createReadStream(path, { highWaterMark: 2 ** 18 }), this.#gunzip, () => undefined)
    this.#chunks = this.#gunzip[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  }

  async read(into: Uint8Array): Promise<number> {
    let filled = 0
    while (filled < into.length) {
      if (this.#rest.length === 0 && !(await this.#next())) break
      const part = this.#rest.subarray(0, into.length - filled)
      into.set(part, filled)
      filled += part.length
      this.#rest = this.#rest.subarray(part.length)
    }
    return filled
  }

  async #next(): Promise<boolean> {
    try {
      const next = await this.#chunks.next()
      if (next.done) return false
      this.#rest = next.value
      return true
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      // zlib's word for input that ends too early.
      this.#truncated = code === 'Z_BUF_ERROR'
      return this.#truncated ? false : fail({ kind: 'image-corrupt', path: this.#path, detail: message })
    }
  }

  async verify(): Promise<void> {
    if (this.#rest.length === 0) await this.#next()
    if (this.#truncated) fail({ kind: 'image-corrupt', path: this.#path, detail: 'the gzip data end before their checksum' })
  }

  async close(): Promise<void> {
    this.#gunzip.destroy()
  }
}
