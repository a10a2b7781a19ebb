import { z } from 'zod'
import { artifact } from '../src/artifact.ts'

/** A number, text or flag of a sidecar or of participants.tsv; null where it says `n/a`. */
const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()])
const shape = z.array(z.int().nonnegative())
const pair = z.tuple([z.int(), z.int()]).readonly()
/** Row-major 4x4: voxel index (i, j, k, 1) to RAS millimetres. */
const affine = z.array(z.number()).length(16)

/** The names of the channels, in their order; left out where images have one channel, which may be of any contrast. */
const contrasts = z.array(z.string()).optional()
/**
 * By class: how many raters drew it (0: nobody). Left out unless some class has several; then the label has the planes of all
 * raters, class after class, and one of zeros for a class that nobody drew.
 */
const raters = z.array(z.int().nonnegative()).optional()

/** Files arranged as BIDS: everything lies in the artifact's folder. */
export const dataset = artifact('dataset', z.object({ name: z.string() }))

/** The images of one or several datasets, what is known of each, and their labels. Rows sorted by id. */
export const index = artifact(
  'index',
  z.object({
    /** The label suffixes, one per class, in the order of the output channels. */
    targets: z.array(z.string()),
    /** Where several contrasts are the channels of one image: which, in the order of the channels. */
    contrasts,
    images: z.array(
      z.object({
        /** Unique: `sub-01_ses-02_T2w`; of several channels `sub-01_ses-02`. The stem of every file made from this image. */
        id: z.string(),
        /** Which of the input datasets it is of, counted from 0. Paths below are relative to that dataset's folder. */
        dataset: z.int(),
        subject: z.string(),
        session: z.string().optional(),
        /** Of several channels all of them: `T1w+T2w`. */
        contrast: z.string(),
        entities: z.record(z.string(), z.string()),
        image: z.string(),
        /** Of several channels: their files, in the order of `contrasts`; the first is `image`. */
        channels: z.array(z.string()).optional(),
        /** Per class the files of its raters; an empty list where the label is missing. */
        labels: z.array(z.array(z.string())),
        roi: z.string().optional(),
        metadata: z.record(z.string(), scalar),
      }),
    ),
    /** Ids of images whose files are equal byte for byte, in groups; left out where all differ. What a split may not part. */
    duplicates: z.array(z.array(z.string())).optional(),
  }),
)

/** Which image is in which part, by id. Every subject is in exactly one part. Also the file `split_datasets.json`. */
export const split = artifact('split', z.object({ train: z.array(z.string()), validation: z.array(z.string()), test: z.array(z.string()) }))

/** What is needed to write a result into the grid of an image as it was stored. */
export const native = z.object({
  shape: shape.length(3),
  affine,
  /** NIfTI's codes for what the two affines mean, and its unit byte. */
  qformCode: z.int(),
  sformCode: z.int(),
  xyztUnits: z.int(),
  /** It is a picture (PNG, TIFF): i goes down its rows, j along them, from the top left. */
  isPicture: z.literal(true).optional(),
})

/**
 * Per image the packed slices, as .npy files: `image` float32 [S, C, H, W], `label` [S, K, H, W], `roi` [S, 1, H, W]. Labels and
 * regions are uint8 where all their values are whole numbers of 0 to 255, else float32.
 */
export const slices = artifact(
  'slices',
  z.object({
    axis: z.enum(['sagittal', 'coronal', 'axial']),
    targets: z.array(z.string()),
    channels: z.int(),
    /** What the channels are, where they are contrasts of the index. */
    contrasts,
    /** Labels keep their values between 0 and 1 (`soft_gt`); else they are cut at 0.5 before they are learned from. */
    soft: z.boolean().optional(),
    images: z.record(
      z.string(),
      z.object({
        /** Of the whole volume in height, width, depth order (depth: the slice axis). */
        shape: shape.length(3),
        /** Millimetres, in the same order; float32 values of the header. */
        spacing: z.array(z.number()).length(3),
        /** Which slices were kept, ascending: row s of the .npy files is slice `slices[s]`. */
        slices: z.array(z.int()),
        image: z.string(),
        label: z.string().optional(),
        raters,
        /** The region of interest, where the dataset has one. */
        roi: z.string().optional(),
        native,
      }),
    ),
  }),
)

/** One entry of a transform chain: its name in `src/transforms/`, and its checked params. */
export const transformStep = z.looseObject({ name: z.string() })

/** Per image the preprocessed samples, packed as `slices` are; and what training and inference do at every draw. */
export const tensors = artifact(
  'tensors',
  z.object({
    axis: z.enum(['sagittal', 'coronal', 'axial']),
    targets: z.array(z.string()),
    channels: z.int(),
    contrasts,
    /** As in `slices`. */
    soft: z.boolean().optional(),
    /** Transforms done once, here, in order: what a new image must go through before the model sees it. */
    once: z.array(transformStep),
    /** Transforms done at every draw, in order (those not done once, here). */
    draw: z.array(transformStep),
    images: z.record(
      z.string(),
      z.object({
        /** As in `slices`: of the volume before the preprocessing. */
        volume: z.object({ shape: shape.length(3), spacing: z.array(z.number()).length(3), native }),
        slices: z.array(z.int()),
        /** Height and width of a sample after the preprocessing. */
        shape: shape.length(2),
        /** What the preprocessing did, for its undoing, in order: a transform's name and the record it returned. */
        undo: z.array(z.looseObject({ name: z.string() })),
        image: z.string(),
        label: z.string().optional(),
        raters,
      }),
    ),
  }),
)

/** A trained network: `model.onnx` (best by validation loss) with `model.json` beside it, `final.onnx`, `curves.csv`; of a part of a training its checkpoint. */
export const model = artifact(
  'model',
  z.object({
    onnx: z.string(),
    channels: z.int(),
    contrasts,
    targets: z.array(z.string()),
    axis: z.enum(['sagittal', 'coronal', 'axial']),
    /** The patches that slices are cut into, [height, width] in pixels after the preprocessing; left out where slices are whole. */
    patch: z.object({ length: pair, stride: pair }).optional(),
    parameters: z.int(),
    epochs: z.int(),
    bestEpoch: z.int(),
    bestValidationLoss: z.number(),
    /** Mean over the validation slices; null where none has a Dice. */
    validationDice: z.number().nullable(),
    stopped: z.enum(['epochs', 'early-stopping']),
    /** Validation slices over the epochs: files of GIFs, and the planes that they are drawn from. Left out where none was asked for. */
    gifs: z
      .array(
        z.object({
          image: z.string(),
          /** Counted from 0. */
          slice: z.int(),
          file: z.string(),
          /** uint8 [2 + epochs, height, width], as one looks at the slice: image, truth, and the prediction after each epoch. */
          planes: z.string(),
          firstEpoch: z.int(),
        }),
      )
      .readonly()
      .optional(),
    /** Where it left off, for a training that goes on from there. */
    checkpoint: z.string().optional(),
  }),
)

/** The curves of a training as files: `csv`, `svg`, and `tensorboard`, a folder of which each folder is a run of TensorBoard's. */
export const curves = artifact('curves', z.object({ csv: z.string(), svg: z.string(), tensorboard: z.string(), epochs: z.int() }))

const volumes = z.object({
  targets: z.array(z.string()),
  /** As in `slices`: what learned from soft labels is held against soft labels. */
  soft: z.boolean().optional(),
  /** By image id: a NIfTI file in the image's own grid, [X, Y, Z] or [X, Y, Z, class]. */
  images: z.record(z.string(), z.object({ file: z.string() })),
})
/** Soft predictions, 0 to 1: `sub-x_T2w_pred.nii.gz`. */
export const predictions = artifact(
  'predictions',
  volumes.extend({
    images: z.record(
      z.string(),
      z.object({
        file: z.string(),
        /** Maps of uncertainty, where they were made: suffix (`_soft`, `_unc-vox` ...) to file, of the shape of the prediction. */
        uncertainty: z.record(z.string(), z.string()).optional(),
        /** The image is a picture, so its masks are wanted as pictures. */
        isPicture: z.literal(true).optional(),
      }),
    ),
  }),
)
/** The threshold that makes the best masks of predictions; `thresholds.csv` and `thresholds.svg` show all that were tried. */
export const threshold = artifact(
  'threshold',
  z.object({
    threshold: z.number(),
    /** Mean over the images. */
    dice: z.number(),
    images: z.int(),
    /** Means over the images where they are defined; null where there are none. */
    table: z.array(
      z.object({
        threshold: z.number(),
        dice: z.number().nullable(),
        recall: z.number().nullable(),
        falsePositiveRate: z.number().nullable(),
      }),
    ),
  }),
)
/** Predictions after postprocessing: `sub-x_T2w_pred.nii.gz`. */
export const masks = artifact(
  'masks',
  volumes.extend({
    images: z.record(
      z.string(),
      z.object({
        file: z.string(),
        /** Of a picture the same as PNG of 8 bits, a file a class: `sub-x_SEM_class-0_pred.png`; 255 times the value. */
        pictures: z.array(z.string()).optional(),
      }),
    ),
  }),
)

/**
 * The table of 3D metrics, `evaluation_3Dmetrics.csv`, its summary over the images, `summary.csv` and `results.json`, and the
 * painted volumes, `x_pred_TP-FP-FN.nii.gz`, of pictures also as PNG. Undefined metrics are null.
 */
export const metrics = artifact(
  'metrics',
  z.object({
    columns: z.array(z.string()),
    rows: z.array(z.object({ image: z.string(), values: z.record(z.string(), z.number().nullable()) })),
    means: z.record(z.string(), z.number().nullable()),
    /** Of every mean: the 95 % confidence interval by bootstrap over subjects; null where there are too few. */
    intervals: z.record(z.string(), z.object({ low: z.number(), high: z.number() }).nullable()).optional(),
  }),
)

/** One HTML file that needs no other: `page`. */
export const report = artifact('report', z.object({ page: z.string() }))

/** A model to give away: the folder `<name>/` with `<name>.onnx`, `<name>.json`, README.md, check.npy and SHA256SUMS. */
export const packaged = artifact('package', z.object({ name: z.string(), folder: z.string(), files: z.array(z.string()) }))

const picture = z.object({
  file: z.string(),
  slice: z.int(),
  /** Voxels of any class that are in the mask or in the label, and not in both. */
  wrong: z.int(),
})
/** Per image pictures of slices with the contours of label and mask: `sub-x_T2w_middle.png`, and the worst slice where any is wrong. */
export const qc = artifact(
  'qc',
  z.object({
    axis: z.enum(['sagittal', 'coronal', 'axial']),
    targets: z.array(z.string()),
    images: z.record(z.string(), z.object({ middle: picture, worst: picture.optional() })),
  }),
)
