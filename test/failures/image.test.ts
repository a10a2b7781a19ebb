import { expect } from 'vitest'
import { imageFailures } from '../../src/failures/image.ts'
import { examplesOf } from './examples.ts'

const { example, complete } = examplesOf(imageFailures)

example({ kind: 'not-nifti', path: 'a.nii', detail: 'it starts with the letters PNG' }, text =>
  expect(text).toMatchInlineSnapshot(`
    "error  not a readable NIfTI image: a.nii
        it starts with the letters PNG
        copy or download it again, or convert it to NIfTI
    "
  `),
)
example({ kind: 'image-corrupt', path: 'a.nii.gz', detail: 'incorrect data check' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  the image is damaged: a.nii.gz
      incorrect data check
      copy or download it again
  "
`),
)
example({ kind: 'picture-unreadable', path: 'a.png', detail: 'wrong PNG signature' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  not a picture that can be read: a.png
      wrong PNG signature
      give a PNG, or a TIFF of one page: grey or coloured, 8 or 16 bits or floats, uncompressed or by LZW or deflate
  "
`),
)
example({ kind: 'image-truncated', path: 'a.nii.gz', promised: 4096, found: '1024' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  the image is cut short: a.nii.gz
      its header promises 4096 bytes of voxels, and it holds 1024
      copy or download it again
  "
`),
)
example({ kind: 'image-too-large', path: 'a.nii', shape: [9000, 9000, 9000], gib: 2715.8, limitGib: 8 }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  the image is too large to read: a.nii
      its header says 9000 x 9000 x 9000 voxels, which take 2715.8 GiB; at most 8 GiB can be held
      crop or resample it, or, if it is small in truth, make its header anew
  "
`),
)
example({ kind: 'image-4d', path: 'a.nii', shape: [64, 64, 30], volumes: 200 }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  an image of 200 volumes where one of three dimensions is needed: a.nii
      each volume has 64 x 64 x 30 voxels
      split it, or average it over its last axis (as one does with time series), and give one volume
  "
`),
)
example({ kind: 'datatype-unsupported', path: 'a.nii', datatype: 'RGB24' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  the image stores RGB24 voxels, not one number each: a.nii
      convert it to one of uint8, int16, int32, float32, float64 or their like
  "
`),
)
example({ kind: 'affine-singular', path: 'a.nii', rows: ['0 0 0 0', '0 1 0 0', '0 0 1 0'] }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  the image's header does not place its voxels in space: a.nii
      its affine has no inverse:
      0 0 0 0
      0 1 0 0
      0 0 1 0
      set its sform or qform from the original image
  "
`),
)
example({ kind: 'label-shape', image: 'a.nii', label: 'b.nii', imageShape: '10 x 10 x 5', labelShape: '10 x 10 x 4' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  a label does not have the shape of its image
      image 10 x 10 x 5: a.nii
      label 10 x 10 x 4: b.nii
      draw or resample the label on the grid of the image
  "
`),
)
const grids = { first: 'a_T1w.nii', second: 'a_T2w.nii', firstShape: '2 x 3 x 4 (RAS)', secondShape: '2 x 3 x 5 (RAS)' }
example({ kind: 'channel-grid', ...grids }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  two channels of an image are not on one grid
      2 x 3 x 4 (RAS): a_T1w.nii
      2 x 3 x 5 (RAS): a_T2w.nii
      register and resample one to the grid of the other, or leave the image out
  "
`),
)
example({ kind: 'channel-grid', ...grids, secondShape: '2 x 3 x 4 (RAS)', apartMm: 12.3456 }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  two channels of an image are not on one grid
      2 x 3 x 4 (RAS): a_T1w.nii
      2 x 3 x 4 (RAS): a_T2w.nii
      by their headers they lie up to 12.3 mm apart
      register and resample one to the grid of the other, or leave the image out
  "
`),
)
example({ kind: 'classifier-output', path: 'c.onnx', given: '1 x 1 x 8 x 9', gives: '2 numbers [1, 2]' }, text =>
  expect(text).toMatchInlineSnapshot(`
    "error  the classifier does not answer with one number a slice: c.onnx
        given a slice of 1 x 1 x 8 x 9 [N, C, H, W] it gives 2 numbers [1, 2]
        give a model whose output is the probability that a slice is of use, such as [1, 1]
    "
  `),
)
example({ kind: 'voxels-not-finite', path: 'a.nii', count: 3, total: 1000 }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  3 of the 1000 voxels are NaN or infinite: a.nii
      replace them, by 0 for instance, or leave the image out
  "
`),
)
example({ kind: 'no-slices', images: 4, filters: ['filter_empty_mask'] }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  no slice is left of 4 images
      filter_empty_mask is on
      turn a filter off, or look whether the images are constant and the labels empty
  "
`),
)
example({ kind: 'image-not-in-dataset', id: 'sub-01_T2w', path: 'sub-01/anat/sub-01_T2w.nii.gz', dataset: 1, datasets: 1 }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  the index names a file of image sub-01_T2w that its dataset does not have: sub-01/anat/sub-01_T2w.nii.gz
      it belongs to dataset 2 of the index, and this step was given 1
      give this step the same datasets, in the same order, as the step that made the index
  "
`),
)
example({ kind: 'resample-too-large', shape: [128, 128], spacing: [1, 1], target: [0.001, 0.001], out: [128000, 128000] }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  Resample would make slices of 128000 x 128000 pixels
      from 128 x 128 pixels of 1 x 1 mm, to pixels of 0.001 x 0.001 mm
      hspace and wspace are in millimetres: are they, and is the spacing in the header of the image?
  "
`),
)
example({ kind: 'bad-table', path: 'participants.tsv', line: 3, detail: 'it has 2 cells, and the header 4' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  the table cannot be used: participants.tsv, line 3
      it has 2 cells, and the header 4
      a .tsv file has one header, and rows of as many cells, parted by tabs; an unknown value is n/a
  "
`),
)
example({ kind: 'bad-json', path: 'a.json', line: 3, detail: 'a comma is missing' }, text =>
  expect(text).toMatchInlineSnapshot(`
    "error  the sidecar is not JSON: a.json, line 3
        a comma is missing
        mend it, or delete it: an image needs no sidecar
    "
  `),
)
example({ kind: 'no-images', asked: ['contrasts T9w'], found: ['T1w', 'T2w'] }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  the dataset has no image of the kind that is asked for
      asked for: contrasts T9w
      there are: T1w
      there are: T2w
      change contrasts, extensions, target_suffix or roi_suffix to what is there
  "
`),
)
example({ kind: 'no-images', asked: ['contrasts T2w'], found: [], inside: '/data/ds/ds' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  the dataset has no image of the kind that is asked for
      asked for: contrasts T2w
      the subjects lie in the folder /data/ds/ds, one too deep
      give the folder /data/ds/ds itself
  "
`),
)
example({ kind: 'no-threshold', images: 2 }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  no threshold can be chosen: of 2 images none has a Dice coefficient
      a Dice coefficient needs a label that is not empty, or a prediction that is not
      give predictions of images that have labels: infer with sets: [train, validation]
  "
`),
)
example({ kind: 'threshold-unused', threshold: 0.7 }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  the threshold 0.7 was searched for, and no step of the postprocessing uses it
      write binarize_prediction: {} where the threshold is to be used, or leave out the input "threshold"
  "
`),
)
example({ kind: 'unknown-column', column: 'center', columns: ['sex', 'age'] }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  no image of the index has a value for "center"
      there are: sex, age
      choose one of these for split_method, data_testing.data_type, balance and balance_samples.type
  "
`),
)
example({ kind: 'unknown-test-value', column: 'institution_id', asked: ['x'], values: ['unf', 'mpicbs'] }, text =>
  expect(text).toMatchInlineSnapshot(`
    "error  no image has institution_id x, which data_testing.data_value asks for
        there are: unf, mpicbs
        choose among these, or leave data_value empty to have some drawn at random
    "
  `),
)
example({ kind: 'empty-split', part: 'validation', facts: ['3 subjects: 2 train, 0 validation, 1 test'] }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  the split leaves nothing for the validation part
      3 subjects: 2 train, 0 validation, 1 test
      change train_fraction, test_fraction, data_testing or the lists of contrasts, or add subjects: each part needs one
  "
`),
)
example({ kind: 'split-subject', subject: 'sub-01', parts: ['train', 'test'], column: 'contrast' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  sub-01 would be in both the train and the test part
      its images differ in contrast, which the split is made by
      images of one subject are too alike for that: split by participant_id, or by a column that is the same for all images of a subject
  "
`),
)
example({ kind: 'values-per-class', param: 'thr', values: 3, classes: 1 }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  thr has 3 values, and the prediction has 1 class
      give one value for all classes, or a list with one value per class
  "
`),
)
example({ kind: 'no-uncertainty-map', image: 'sub-01_T2w', suffix: '_unc-cv', there: ['_soft', '_unc-vox'] }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  postprocessing by uncertainty needs the map _unc-cv of sub-01_T2w, which its predictions do not have
      there are: _soft, _unc-vox
      switch uncertainty on in the step that predicts, choose another suffix, or switch this off by thr: -1
  "
`),
)

example({ kind: 'mask-grid', image: 'sub-01_T2w', mask: 'a.nii', label: 'b.nii', maskShape: [10, 10, 5], labelShape: [10, 10, 4] }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  the mask of sub-01_T2w and its label have different shapes, and cannot be compared
      mask 10 x 10 x 5: a.nii
      label 10 x 10 x 4: b.nii
      draw or resample the label on the grid of the image
  "
`),
)

example({ kind: 'split-subject', subject: 'sub-01', parts: ['train', 'test'], column: 'fname_split' }, text =>
  expect(text).toMatchInlineSnapshot(`
    "error  sub-01 would be in both the train and the test part
        the file of fname_split names images of it for both
        images of one subject are too alike for that: move all of them to one part
    "
  `),
)
example({ kind: 'split-content', images: ['sub-01_T1w', 'sub-07_T1w'], parts: ['train', 'test'] }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  sub-01_T1w and sub-07_T1w hold the same image, and would be in the train and the test part
      their files are equal byte for byte, though their subjects are not called alike
      a network would be measured on what it was trained on: remove one of the two, or give both to one subject; allow_duplicates of the split lets it pass
  "
`),
)
example({ kind: 'bad-split-file', path: 'split_datasets.json', detail: 'valid: expected array' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  the file that fname_split names is not a split: split_datasets.json
      valid: expected array
      it should be a split_datasets.json: { "train": [...], "valid": [...], "test": [...] }, each a list of image ids
  "
`),
)
example({ kind: 'too-few-subjects', column: 'sex', value: 'M', asked: 6, there: 4 }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  subject_selection asks for 6 subjects with sex M, and there are 4
      ask for fewer, or for another value of the column
  "
`),
)
example({ kind: 'unknown-contrast', param: 'contrast_balance', contrast: 'T3w', there: 'T1w, T2w' }, text =>
  expect(text).toMatchInlineSnapshot(`
    "error  contrast_balance names the contrast T3w, which no image in any part has
        there are: T1w, T2w
        choose among these, or leave it out
    "
  `),
)
example({ kind: 'bad-bids-config', path: 'config_bids.json', detail: 'entities: expected array' }, text =>
  expect(text).toMatchInlineSnapshot(`
    "error  the file that bids_config names cannot be used: config_bids.json
        entities: expected array
        it should be a configuration of pybids: { "entities": [{ "name": "sample", "pattern": "[_/]sample-([a-zA-Z0-9]+)" }, ...] }
    "
  `),
)

example({ kind: 'no-roi', id: 'sub-01_T1w', needs: 'ROICrop' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  ROICrop needs a region of interest, and image sub-01_T1w has none
      give roi_suffix to the step that makes the index: the suffix of the label that marks the region
  "
`),
)
example({ kind: 'empty-roi', id: 'sub-01_T1w', slice: 7 }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  ROICrop finds no region of interest in slice 7 of image sub-01_T1w
      after what was done before, no pixel of it is at least 0.5
      drop such slices with slice_filter_roi of the slice step: 0 drops those without one, a larger number those with little
  "
`),
)

example({ kind: 'image-not-in-index', id: 'sub-09_T2w', images: 12 }, text =>
  expect(text).toMatchInlineSnapshot(`
    "error  the index does not know the image sub-09_T2w, of which there is a mask
        it knows 12 images
        give this step the index that the masks were made with
    "
  `),
)

complete()
