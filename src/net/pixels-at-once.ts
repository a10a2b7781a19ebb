/**
 * How many pixels of slices a network is given at a time, at best: what bounds the memory. Many: 18 slices of 128 x 128, the batch of
 * ivadomed's tutorial. Few: two of them, for ONNX Runtime on a processor: what lies between layers then stays in its caches, and new
 * memory, which the system hands out page by page, is hardly asked for. The tutorial's network takes half the time of 18 at once.
 */
export const pixelsAtOnce = { few: 2 * 128 * 128, many: 18 * 128 * 128 } as const
