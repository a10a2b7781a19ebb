/** How long the validation loss has not improved. */
export interface Patience {
  /** Of the epoch before; undefined before the first. */
  readonly previous?: number | undefined
  /** Epochs in a row without an improvement. */
  readonly waited: number
}

/** When to stop. */
export interface StoppingRule {
  /** Epochs in a row without an improvement after which the training stops. */
  readonly patience: number
  /** What counts as an improvement: the loss fell by more than this since the epoch before. An absolute difference. */
  readonly epsilon: number
}

/** Before the first epoch. */
export const fresh: Patience = { waited: 0 }

/**
 * After one more epoch. As ivadomed documents it; its code compares a percentage of the loss and never resets the counter
 * (training.py, its defect 1), so that it stops trainings that still improve.
 */
export function afterEpoch(patience: Patience, rule: StoppingRule, loss: number): Patience {
  const improved = patience.previous === undefined || patience.previous - loss > rule.epsilon
  return { previous: loss, waited: improved ? 0 : patience.waited + 1 }
}

/** Whether the training ends here. */
export const isOver = (patience: Patience, rule: StoppingRule): boolean => patience.waited >= rule.patience
