/**
 * Mersenne Twister MT19937 (Matsumoto and Nishimura, 1998), seeded as `init_genrand`: the numbers of numpy's
 * `RandomState(seed)`. Only there to draw the splits that ivadomed draws; everything else uses `Random`.
 */
export class MersenneTwister {
  readonly #state = new Uint32Array(624)
  #next = 624

  constructor(seed: number) {
    const s = this.#state
    s[0] = seed
    for (let i = 1; i < 624; i++) s[i] = Math.imul(mixed(s[i - 1]!), 1812433253) + i
  }

  /** Seeded as Python's `random.seed(seed)` for an integer of at most 32 bits: `init_by_array([seed])`. */
  static asPython(seed: number): MersenneTwister {
    const twister = new MersenneTwister(19650218)
    twister.#addKey([seed >>> 0])
    return twister
  }

  /** `init_by_array`: stirs a key into the state. */
  #addKey(key: readonly number[]): void {
    const s = this.#state
    let i = 1
    const step = (): void => {
      if (++i < 624) return
      s[0] = s[623]!
      i = 1
    }
    const length = Math.max(624, key.length)
    for (let k = 0; k < length; k++) {
      const j = k % key.length
      s[i] = (s[i]! ^ Math.imul(mixed(s[i - 1]!), 1664525)) + key[j]! + j
      step()
    }
    for (let k = 0; k < 623; k++) {
      s[i] = (s[i]! ^ Math.imul(mixed(s[i - 1]!), 1566083941)) - i
      step()
    }
    s[0] = 0x80000000
  }

  /** Uniform over 0 ... 2^32-1. */
  uint32(): number {
    if (this.#next === 624) this.#twist()
    let y = this.#state[this.#next++]!
    y ^= y >>> 11
    y ^= (y << 7) & 0x9d2c5680
    y ^= (y << 15) & 0xefc60000
    return (y ^ (y >>> 18)) >>> 0
  }

  /** numpy's legacy `permutation(n)`: Fisher-Yates from the end, each index by masked rejection. */
  permutation(n: number): number[] {
    const order = Array.from({ length: n }, (_, i) => i)
    for (let i = n - 1; i > 0; i--) {
      const j = this.#upTo(i)
      ;[order[i], order[j]] = [order[j]!, order[i]!]
    }
    return order
  }

  /** `random.sample(range(n), count)` of CPython 3.11: `count` different indices below n, in the order drawn. */
  sample(n: number, count: number): number[] {
    if (count > n) throw new Error(`cannot draw ${count} of ${n}`)
    // Where a set of the drawn would take less room than a list of all, CPython keeps the set; the draws then differ.
    const room = 21 + (count > 5 ? 4 ** Math.ceil(Math.log(count * 3) / Math.log(4)) : 0)
    if (n > room) {
      const drawn = new Set<number>()
      while (drawn.size < count) drawn.add(this.#below(n))
      return [...drawn]
    }
    const pool = Array.from({ length: n }, (_, i) => i)
    return Array.from({ length: count }, (_, i) => {
      const at = this.#below(n - i)
      const drawn = pool[at]!
      pool[at] = pool[n - i - 1]!
      return drawn
    })
  }

  /** Uniform over 0 ... n-1: Python's `_randbelow`, the top bits of each number. */
  #below(n: number): number {
    const shift = Math.clz32(n)
    for (;;) {
      const value = this.uint32() >>> shift
      if (value < n) return value
    }
  }

  /** Uniform over 0 ... max: numpy's `random_interval`. */
  #upTo(max: number): number {
    const mask = 0xffffffff >>> Math.clz32(max)
    for (;;) {
      const value = (this.uint32() & mask) >>> 0
      if (value <= max) return value
    }
  }

  #twist(): void {
    const s = this.#state
    for (let i = 0; i < 624; i++) {
      const y = (s[i]! & 0x80000000) | (s[(i + 1) % 624]! & 0x7fffffff)
      s[i] = s[(i + 397) % 624]! ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0)
    }
    this.#next = 0
  }
}

const mixed = (x: number): number => x ^ (x >>> 30)
