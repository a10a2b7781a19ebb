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
    for (let i = 1; i < 624; i++) {
      const previous = s[i - 1]! ^ (s[i - 1]! >>> 30)
      s[i] = Math.imul(previous, 1812433253) + i
    }
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
