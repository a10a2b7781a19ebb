import { createHash } from 'node:crypto'

/**
 * Our seeded generator: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
 * The key is the first 64 bits of sha256 over the seed and the labels, so any number of streams are independent of each
 * other, of the order in which they are made, and of the number of workers.
 */
export class Random {
  readonly #key0: number
  readonly #key1: number
  #counter = 0
  readonly #block = new Uint32Array(4)
  #left = 0
  #spareNormal: number | undefined

  /** A stream of its own for every (seed, labels): `new Random(6, 'augment', epoch, index)`. */
  constructor(seed: number, ...labels: readonly (string | number)[]) {
    const hash = createHash('sha256')
      .update(JSON.stringify([seed, ...labels]))
      .digest()
    this.#key0 = hash.readUInt32LE(0)
    this.#key1 = hash.readUInt32LE(4)
  }

  /** Uniform over 0 ... 2^32-1. */
  uint32(): number {
    if (this.#left === 0) {
      philox4x32(this.#block, this.#counter >>> 0, Math.floor(this.#counter / 2 ** 32), 0, 0, this.#key0, this.#key1)
      this.#counter++
      this.#left = 4
    }
    return this.#block[4 - this.#left--]!
  }

  /** Uniform in [low, high), with 53 random bits. */
  uniform(low = 0, high = 1): number {
    const unit = ((this.uint32() >>> 5) * 67108864 + (this.uint32() >>> 6)) / 9007199254740992
    return low + (high - low) * unit
  }

  /** Normal, by Marsaglia's polar method. */
  normal(mean = 0, std = 1): number {
    if (this.#spareNormal !== undefined) {
      const spare = this.#spareNormal
      this.#spareNormal = undefined
      return mean + std * spare
    }
    for (;;) {
      const u = this.uniform(-1, 1)
      const v = this.uniform(-1, 1)
      const s = u * u + v * v
      if (s === 0 || s >= 1) continue
      const factor = Math.sqrt((-2 * Math.log(s)) / s)
      this.#spareNormal = v * factor
      return mean + std * u * factor
    }
  }

  /** Gamma with that shape and scale 1, as its logarithm: for small shapes the number itself is too small to be written. */
  logGamma(shape: number): number {
    // Marsaglia and Tsang, "A simple method for generating gamma variables", TOMS 2000; shapes below 1 by a boost (their section 6).
    if (shape < 1) return this.logGamma(shape + 1) + Math.log(1 - this.uniform()) / shape
    const d = shape - 1 / 3
    const c = 1 / Math.sqrt(9 * d)
    for (;;) {
      const x = this.normal()
      const v = (1 + c * x) ** 3
      if (v <= 0) continue
      if (Math.log(1 - this.uniform()) < 0.5 * x * x + d * (1 - v + Math.log(v))) return Math.log(d * v)
    }
  }

  /** Beta over 0 ... 1: a / (a + b) of two gamma numbers. */
  beta(alpha: number, beta: number): number {
    const a = this.logGamma(alpha)
    return 1 / (1 + Math.exp(this.logGamma(beta) - a))
  }

  /** Uniform over 0 ... n-1, without bias. */
  integer(n: number): number {
    const limit = 2 ** 32 - (2 ** 32 % n)
    for (;;) {
      const x = this.uint32()
      if (x < limit) return x % n
    }
  }

  /** 0 ... n-1 in random order (Fisher-Yates). */
  permutation(n: number): number[] {
    const order = Array.from({ length: n }, (_, i) => i)
    for (let i = n - 1; i > 0; i--) {
      const j = this.integer(i + 1)
      ;[order[i], order[j]] = [order[j]!, order[i]!]
    }
    return order
  }
}

/** Ten rounds over the counter (c0..c3) under the key (k0, k1), into `out`. Exported for its known-answer test. */
export function philox4x32(out: Uint32Array, c0: number, c1: number, c2: number, c3: number, k0: number, k1: number): void {
  for (let round = 0; round < 10; round++) {
    const high0 = mulHigh(0xd2511f53, c0)
    const low0 = Math.imul(0xd2511f53, c0) >>> 0
    const high1 = mulHigh(0xcd9e8d57, c2)
    const low1 = Math.imul(0xcd9e8d57, c2) >>> 0
    c0 = (high1 ^ c1 ^ k0) >>> 0
    c1 = low1
    c2 = (high0 ^ c3 ^ k1) >>> 0
    c3 = low0
    k0 = (k0 + 0x9e3779b9) >>> 0
    k1 = (k1 + 0xbb67ae85) >>> 0
  }
  out[0] = c0
  out[1] = c1
  out[2] = c2
  out[3] = c3
}

/** The upper 32 bits of the 64-bit product. */
function mulHigh(a: number, b: number): number {
  const aLow = a & 0xffff
  const aHigh = a >>> 16
  const bLow = b & 0xffff
  const bHigh = b >>> 16
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16)
  const middle2 = aLow * bHigh + (middle & 0xffff)
  return (aHigh * bHigh + Math.floor(middle / 65536) + Math.floor(middle2 / 65536)) >>> 0
}
