/** A second implementation, from the specifications: files of events, read back. Nothing of it is shared with what writes them. */

/** A message: by number of the field its values, whole and floating numbers as numbers, all else as bytes. */
export type Message = ReadonlyMap<number, readonly (number | Buffer)[]>

/** The data of every record; throws where a checksum or a length is wrong. */
export function recordsOf(file: Buffer): readonly Buffer[] {
  const records: Buffer[] = []
  for (let at = 0; at < file.length;) {
    const length = Number(file.readBigUInt64LE(at))
    check(file.subarray(at, at + 8), file.readUInt32LE(at + 8))
    const data = file.subarray(at + 12, at + 12 + length)
    if (data.length < length) throw new Error('the last record is cut short')
    check(data, file.readUInt32LE(at + 12 + length))
    records.push(data)
    at += length + 16
  }
  return records
}

function check(data: Buffer, masked: number): void {
  // The mask undone, as crc32c::Unmask does it: the constant taken off, rotated back.
  const rotated = BigInt.asUintN(32, BigInt(masked) - 0xa282ead8n)
  const found = ((rotated >> 17n) | (rotated << 15n)) & 0xffffffffn
  if (found !== remainder(data)) throw new Error('a checksum does not match')
}

/** The CRC-32C as RFC 3720 defines it: bits reversed, the division by 0x11edc6f41 bit after bit. */
function remainder(data: Buffer): bigint {
  let register = 0xffffffffn
  for (const byte of data)
    for (let bit = 0; bit < 8; bit++) {
      const out = ((register >> 31n) & 1n) ^ BigInt((byte >> bit) & 1)
      register = (register << 1n) & 0xffffffffn
      if (out) register ^= 0x1edc6f41n
    }
  const bits = (register ^ 0xffffffffn).toString(2).padStart(32, '0')
  return BigInt(`0b${Array.from(bits).reverse().join('')}`)
}

export function parse(data: Buffer): Message {
  const fields = new Map<number, (number | Buffer)[]>()
  let at = 0
  const varint = (): number => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = data[at++]!
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return Number(value)
    }
  }
  const readers: Readonly<Record<number, () => number | Buffer>> = {
    0: varint,
    1: () => data.readDoubleLE((at += 8) - 8),
    2: () => {
      const length = varint()
      return data.subarray(at, (at += length))
    },
    5: () => data.readFloatLE((at += 4) - 4),
  }
  while (at < data.length) {
    const key = varint()
    fields.set(key >> 3, [...(fields.get(key >> 3) ?? []), readers[key & 7]!()])
  }
  if (at !== data.length) throw new Error('a field goes beyond its message')
  return fields
}

/** What TensorBoard would show: of every event its time, its step, and its values by tag. */
export function eventsIn(file: Buffer) {
  return recordsOf(file).map(data => {
    const event = parse(data)
    const summary = event.get(5)?.[0]
    const values = summary === undefined ? [] : (parse(summary as Buffer).get(1) ?? []).map(value => parse(value as Buffer))
    return {
      wallTime: event.get(1)?.[0] as number,
      step: (event.get(2)?.[0] ?? 0) as number,
      version: event.get(3)?.[0]?.toString(),
      scalars: Object.fromEntries(values.flatMap(v => (v.has(2) ? [[v.get(1)![0]!.toString(), v.get(2)![0] as number] as const] : []))),
      images: Object.fromEntries(
        values.flatMap(v => (v.has(4) ? [[v.get(1)![0]!.toString(), parse(v.get(4)![0] as Buffer)] as const] : [])),
      ),
    }
  })
}
