import type { Tensor } from './net.ts'

/** `2 sum(p t) / (sum(p) + sum(t))`, or undefined where both are empty. */
const dice = (overlap: number, total: number): number | undefined => (total === 0 ? undefined : (2 * overlap) / total)
const mean = (values: readonly number[]): number | null => (values.length ? values.reduce((a, b) => a + b, 0) / values.length : null)

/** Soft Dice coefficients of a validation pass, gathered batch by batch. */
export class ValidationDice {
  readonly #perSlice: number[] = []
  readonly #overlap: number[] = []
  readonly #total: number[] = []

  /** Prediction and target, both [N, K, H, W]. */
  add(prediction: Tensor, target: Tensor): void {
    const [samples = 0, classes = 0, height = 0, width = 0] = target.shape
    const size = height * width
    for (let n = 0; n < samples; n++) {
      let sliceOverlap = 0
      let sliceTotal = 0
      for (let k = 0; k < classes; k++) {
        const start = (n * classes + k) * size
        let overlap = 0
        let total = 0
        for (let i = start; i < start + size; i++) {
          overlap += prediction.data[i]! * target.data[i]!
          total += prediction.data[i]! + target.data[i]!
        }
        this.#overlap[k] = (this.#overlap[k] ?? 0) + overlap
        this.#total[k] = (this.#total[k] ?? 0) + total
        sliceOverlap += overlap
        sliceTotal += total
      }
      const ofSlice = dice(sliceOverlap, sliceTotal)
      if (ofSlice !== undefined) this.#perSlice.push(ofSlice)
    }
  }

  /** Mean over the slices, all classes of a slice together: ivadomed's `dice_score`. Null where no slice has one. */
  get perSlice(): number | null {
    return mean(this.#perSlice)
  }

  /** Of all slices together, mean over the classes. Null where no class has one. */
  get global(): number | null {
    return mean(this.#overlap.flatMap((overlap, k) => dice(overlap, this.#total[k]!) ?? []))
  }
}
