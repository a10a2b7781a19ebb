/** A field of a Protocol Buffers message, written: https://protobuf.dev/programming-guides/encoding/. Numbers of fields are below 16. */
export type Field = Buffer

const tag = (number: number, wire: 0 | 1 | 2 | 5): Buffer => Buffer.from([(number << 3) | wire])

/** A whole number of 0 or more, seven bits a byte, the lowest first. */
function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80)
  return Buffer.from([...bytes, rest])
}

/** An `int64` or `int32` of 0 or more. */
export const whole = (number: number, value: number): Field => Buffer.concat([tag(number, 0), varint(value)])

export function double(number: number, value: number): Field {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleLE(value)
  return Buffer.concat([tag(number, 1), bytes])
}

export function float(number: number, value: number): Field {
  const bytes = Buffer.alloc(4)
  bytes.writeFloatLE(value)
  return Buffer.concat([tag(number, 5), bytes])
}

/** Text, bytes, or a message of fields. */
export function bytes(number: number, value: string | Uint8Array | readonly Field[]): Field {
  const content = typeof value === 'string' ? Buffer.from(value) : value instanceof Uint8Array ? value : Buffer.concat(value)
  return Buffer.concat([tag(number, 2), varint(content.length), content])
}
