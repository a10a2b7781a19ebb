import type { Random } from '../random.ts'

type Three = readonly [number, number, number]

/** How a scanner spoils the signal: its gain, the slow field of its coil, and its noise. */
export interface Scanner {
  /** Stored value of signal 1. */
  readonly gain: number
  /** Largest deviation of the logarithm of the bias field from 0. */
  readonly bias: number
  /** Standard deviation of the noise of each of the two receive channels, in units of signal. */
  readonly noise: number
}

/**
 * What the scanner stores, as int16: `gain * |signal * field + noise|` with complex normal noise, so Rician as magnitude
 * images are (Gudbjartsson and Patz, 1995). The field is `exp` of a second-order polynomial of the position.
 */
export function scan(signal: Float64Array, [nx, ny, nz]: Three, scanner: Scanner, random: Random): Int16Array {
  const slope = [0, 1, 2].map(() => random.uniform(-1, 1) * scanner.bias)
  const bend = [0, 1].map(() => random.uniform(-0.5, 0.5) * scanner.bias)
  const stored = new Int16Array(signal.length)
  for (let k = 0, at = 0; k < nz; k++) {
    for (let j = 0; j < ny; j++) {
      for (let i = 0; i < nx; i++, at++) {
        const [x, y, z] = [unit(i, nx), unit(j, ny), unit(k, nz)]
        const field = Math.exp(slope[0]! * x + slope[1]! * y + slope[2]! * z + bend[0]! * x * x + bend[1]! * y * y)
        const real = signal[at]! * field + scanner.noise * random.normal()
        const imaginary = scanner.noise * random.normal()
        stored[at] = Math.min(32767, Math.round(scanner.gain * Math.hypot(real, imaginary)))
      }
    }
  }
  return stored
}

/** Index i of n as a position from -1 to 1. */
const unit = (i: number, n: number): number => (n > 1 ? (2 * i) / (n - 1) - 1 : 0)
