import { crc32 } from 'node:zlib'
import { deflateRawSync, gzipSync } from 'node:zlib'

/** An entry of an archive made by hand: what the headers say need not be true. */
export interface Made {
  readonly name: string
  readonly data?: string | Buffer
  /** Unix mode with the type, such as 0o120777 for a link; 0 says nothing. */
  readonly mode?: number
  /** What the headers say of the unpacked size, if not the truth. */
  readonly claimed?: number
  /** Point at the data of the entry of this index instead of at its own. */
  readonly sharesDataOf?: number
  readonly crc?: number
}

/** A .zip with these entries, in the order given. */
export function zipOf(entries: readonly Made[]): Buffer {
  const local: Buffer[] = []
  const central: Buffer[] = []
  const offsets: number[] = []
  let offset = 0
  for (const e of entries) {
    const data = Buffer.from(e.data ?? '')
    const packed = deflateRawSync(data)
    const name = Buffer.from(e.name)
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(0x800, 2)
    common.writeUInt16LE(8, 4)
    common.writeUInt32LE(e.crc ?? crc32(data), 10)
    common.writeUInt32LE(packed.length, 14)
    common.writeUInt32LE(e.claimed ?? data.length, 18)
    common.writeUInt16LE(name.length, 22)
    const at = e.sharesDataOf === undefined ? offset : offsets[e.sharesDataOf]!
    offsets.push(at)
    if (e.sharesDataOf === undefined) {
      local.push(Buffer.from('PK\x03\x04', 'latin1'), common, name, packed)
      offset += 4 + 26 + name.length + packed.length
    }
    const head = Buffer.alloc(46)
    head.write('PK\x01\x02', 0, 'latin1')
    head.writeUInt16LE((3 << 8) | 20, 4)
    common.copy(head, 6)
    head.writeUInt32LE(((e.mode ?? 0) << 16) >>> 0, 38)
    head.writeUInt32LE(at, 42)
    central.push(head, name)
  }
  const directory = Buffer.concat(central)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 0, 'latin1')
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...local, directory, end])
}

/** A .tar.gz; `type` is the flag of the header: 0 file, 1 hard link, 2 symbolic link, 3 device, 5 folder. */
export function tarGzOf(entries: readonly { name: string; data?: string | Buffer; type?: string; link?: string }[]): Buffer {
  const blocks = entries.flatMap(({ name, data = '', type = '0', link = '' }) => {
    const body = Buffer.from(data)
    const head = Buffer.alloc(512)
    head.write(name, 0)
    head.write('0000644\0', 100)
    head.write('0000000\0', 108)
    head.write('0000000\0', 116)
    head.write(body.length.toString(8).padStart(11, '0') + '\0', 124)
    head.write('00000000000\0', 136)
    head.write('        ', 148)
    head.write(type, 156)
    head.write(link, 157)
    head.write('ustar\x0000', 257, 'latin1')
    const sum = head.reduce((a, b) => a + b, 0)
    head.write(sum.toString(8).padStart(6, '0') + '\0 ', 148)
    return [head, body, Buffer.alloc((512 - (body.length % 512)) % 512)]
  })
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]))
}
