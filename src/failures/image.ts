import type { Sentence } from './sentence.ts'

/** Images, labels, datasets, splits: what can be wrong with the data. */
export const imageFailures = {
  'not-nifti': (f: { path: string; detail: string }): Sentence => ({
    what: `not a readable NIfTI image: ${f.path}`,
    facts: [f.detail],
    hint: 'copy or download it again, or convert it to NIfTI',
  }),
  'image-corrupt': (f: { path: string; detail: string }): Sentence => ({
    what: `the image is damaged: ${f.path}`,
    facts: [f.detail],
    hint: 'copy or download it again',
  }),
  'picture-unreadable': (f: { path: string; detail: string }): Sentence => ({
    what: `not a picture that can be read: ${f.path}`,
    facts: [f.detail],
    hint: 'give a PNG, or a TIFF of one page: grey or coloured, 8 or 16 bits or floats, uncompressed or by LZW or deflate',
  }),
  'image-truncated': (f: { path: string; promised: number; found: string }): Sentence => ({
    what: `the image is cut short: ${f.path}`,
    facts: [`its header promises ${f.promised} bytes of voxels, and it holds ${f.found}`],
    hint: 'copy or download it again',
  }),
  'image-too-large': (f: { path: string; shape: readonly number[]; gib: number; limitGib: number }): Sentence => ({
    what: `the image is too large to read: ${f.path}`,
    facts: [`its header says ${f.shape.join(' x ')} voxels, which take ${f.gib.toFixed(1)} GiB; at most ${f.limitGib} GiB can be held`],
    hint: 'crop or resample it, or, if it is small in truth, make its header anew',
  }),
  'image-4d': (f: { path: string; shape: readonly number[]; volumes: number }): Sentence => ({
    what: `an image of ${f.volumes} volumes where one of three dimensions is needed: ${f.path}`,
    facts: [`each volume has ${f.shape.join(' x ')} voxels`],
    hint: 'split it, or average it over its last axis (as one does with time series), and give one volume',
  }),
  'datatype-unsupported': (f: { path: string; datatype: string }): Sentence => ({
    what: `the image stores ${f.datatype} voxels, not one number each: ${f.path}`,
    hint: 'convert it to one of uint8, int16, int32, float32, float64 or their like',
  }),
  'affine-singular': (f: { path: string; rows: readonly string[] }): Sentence => ({
    what: `the image's header does not place its voxels in space: ${f.path}`,
    facts: ['its affine has no inverse:', ...f.rows],
    hint: 'set its sform or qform from the original image',
  }),
  'label-shape': (f: { image: string; label: string; imageShape: string; labelShape: string }): Sentence => ({
    what: 'a label does not have the shape of its image',
    facts: [`image ${f.imageShape}: ${f.image}`, `label ${f.labelShape}: ${f.label}`],
    hint: 'draw or resample the label on the grid of the image',
  }),
  'channel-grid': (f: { first: string; second: string; firstShape: string; secondShape: string; apartMm?: number }): Sentence => ({
    what: 'two channels of an image are not on one grid',
    facts: [
      `${f.firstShape}: ${f.first}`,
      `${f.secondShape}: ${f.second}`,
      ...(f.apartMm === undefined ? [] : [`by their headers they lie up to ${f.apartMm.toPrecision(3)} mm apart`]),
    ],
    hint: 'register and resample one to the grid of the other, or leave the image out',
  }),
  'classifier-output': (f: { path: string; given: string; gives: string }): Sentence => ({
    what: `the classifier does not answer with one number a slice: ${f.path}`,
    facts: [`given a slice of ${f.given} [N, C, H, W] it gives ${f.gives}`],
    hint: 'give a model whose output is the probability that a slice is of use, such as [1, 1]',
  }),
  'voxels-not-finite': (f: { path: string; count: number; total: number }): Sentence => ({
    what: `${f.count} of the ${f.total} voxels are NaN or infinite: ${f.path}`,
    hint: 'replace them, by 0 for instance, or leave the image out',
  }),
  'no-slices': (f: { images: number; filters: readonly string[] }): Sentence => ({
    what: `no slice is left of ${f.images} images`,
    facts: f.filters.map(name => `${name} is on`),
    hint: 'turn a filter off, or look whether the images are constant and the labels empty',
  }),
  'no-roi': (f: { id: string; needs: string }): Sentence => ({
    what: `${f.needs} needs a region of interest, and image ${f.id} has none`,
    hint: 'give roi_suffix to the step that makes the index: the suffix of the label that marks the region',
  }),
  'empty-roi': (f: { id: string; slice: number }): Sentence => ({
    what: `ROICrop finds no region of interest in slice ${f.slice} of image ${f.id}`,
    facts: ['after what was done before, no pixel of it is at least 0.5'],
    hint: 'drop such slices with slice_filter_roi of the slice step: 0 drops those without one, a larger number those with little',
  }),
  'image-not-in-index': (f: { id: string; images: number }): Sentence => ({
    what: `the index does not know the image ${f.id}, of which there is a mask`,
    facts: [`it knows ${f.images} ${f.images === 1 ? 'image' : 'images'}`],
    hint: 'give this step the index that the masks were made with',
  }),
  'image-not-in-dataset': (f: { id: string; path: string; dataset: number; datasets: number }): Sentence => ({
    what: `the index names a file of image ${f.id} that its dataset does not have: ${f.path}`,
    facts: [`it belongs to dataset ${f.dataset + 1} of the index, and this step was given ${f.datasets}`],
    hint: 'give this step the same datasets, in the same order, as the step that made the index',
  }),
  'resample-too-large': (f: {
    shape: readonly number[]
    spacing: readonly number[]
    target: readonly number[]
    out: readonly number[]
  }): Sentence => ({
    what: `Resample would make ${f.out.length === 3 ? 'volumes' : 'slices'} of ${f.out.join(' x ')} pixels`,
    facts: [`from ${f.shape.join(' x ')} pixels of ${f.spacing.join(' x ')} mm, to pixels of ${f.target.join(' x ')} mm`],
    hint: `hspace${f.out.length === 3 ? ', wspace and dspace' : ' and wspace'} are in millimetres: are they, and is the spacing in the header of the image?`,
  }),
  'bad-table': (f: { path: string; line: number; detail: string }): Sentence => ({
    what: `the table cannot be used: ${f.path}, line ${f.line}`,
    facts: [f.detail],
    hint: 'a .tsv file has one header, and rows of as many cells, parted by tabs; an unknown value is n/a',
  }),
  'bad-json': (f: { path: string; line: number; detail: string }): Sentence => ({
    what: `the sidecar is not JSON: ${f.path}, line ${f.line}`,
    facts: [f.detail],
    hint: 'mend it, or delete it: an image needs no sidecar',
  }),
  'no-images': (f: { asked: readonly string[]; found: readonly string[]; inside?: string }): Sentence => ({
    what: 'the dataset has no image of the kind that is asked for',
    facts: [
      ...f.asked.map(line => `asked for: ${line}`),
      ...f.found.map(line => `there are: ${line}`),
      ...(f.inside === undefined ? [] : [`the subjects lie in the folder ${f.inside}, one too deep`]),
    ],
    hint:
      f.inside === undefined
        ? 'change contrasts, extensions, target_suffix or roi_suffix to what is there'
        : `give the folder ${f.inside} itself`,
  }),
  'no-threshold': (f: { images: number }): Sentence => ({
    what: `no threshold can be chosen: of ${f.images} images none has a Dice coefficient`,
    facts: ['a Dice coefficient needs a label that is not empty, or a prediction that is not'],
    hint: 'give predictions of images that have labels: infer with sets: [train, validation]',
  }),
  'threshold-unused': (f: { threshold: number }): Sentence => ({
    what: `the threshold ${f.threshold} was searched for, and no step of the postprocessing uses it`,
    hint: 'write binarize_prediction: {} where the threshold is to be used, or leave out the input "threshold"',
  }),
  'unknown-column': (f: { column: string; columns: readonly string[] }): Sentence => ({
    what: `no image of the index has a value for "${f.column}"`,
    facts: [`there are: ${f.columns.join(', ')}`],
    hint: 'choose one of these for split_method, data_testing.data_type, balance and balance_samples.type',
  }),
  'unknown-test-value': (f: { column: string; asked: readonly string[]; values: readonly string[] }): Sentence => ({
    what: `no image has ${f.column} ${f.asked.join(', ')}, which data_testing.data_value asks for`,
    facts: [`there are: ${f.values.join(', ')}`],
    hint: 'choose among these, or leave data_value empty to have some drawn at random',
  }),
  'empty-split': (f: { part: string; facts: readonly string[] }): Sentence => ({
    what: `the split leaves nothing for the ${f.part} part`,
    facts: f.facts,
    hint: 'change train_fraction, test_fraction, data_testing or the lists of contrasts, or add subjects: each part needs one',
  }),
  'split-subject': (f: { subject: string; parts: readonly string[]; column: string }): Sentence => ({
    what: `${f.subject} would be in both the ${f.parts.join(' and the ')} part`,
    facts: [
      f.column === 'fname_split'
        ? 'the file of fname_split names images of it for both'
        : `its images differ in ${f.column}, which the split is made by`,
    ],
    hint: `images of one subject are too alike for that: ${
      f.column === 'fname_split'
        ? 'move all of them to one part'
        : 'split by participant_id, or by a column that is the same for all images of a subject'
    }`,
  }),
  'split-content': (f: { images: readonly string[]; parts: readonly string[] }): Sentence => ({
    what: `${f.images.join(' and ')} hold the same image, and would be in the ${f.parts.join(' and the ')} part`,
    facts: ['their files are equal byte for byte, though their subjects are not called alike'],
    hint: 'a network would be measured on what it was trained on: remove one of the two, or give both to one subject; allow_duplicates of the split lets it pass',
  }),
  'bad-split-file': (f: { path: string; detail: string }): Sentence => ({
    what: `the file that fname_split names is not a split: ${f.path}`,
    facts: [f.detail],
    hint: 'it should be a split_datasets.json: { "train": [...], "valid": [...], "test": [...] }, each a list of image ids',
  }),
  'too-few-subjects': (f: { column: string; value: string; asked: number; there: number }): Sentence => ({
    what: `subject_selection asks for ${f.asked} subjects with ${f.column} ${f.value}, and there are ${f.there}`,
    hint: 'ask for fewer, or for another value of the column',
  }),
  'unknown-contrast': (f: { param: string; contrast: string; there: string }): Sentence => ({
    what: `${f.param} names the contrast ${f.contrast}, which no image in any part has`,
    facts: [`there are: ${f.there}`],
    hint: 'choose among these, or leave it out',
  }),
  'bad-bids-config': (f: { path: string; detail: string }): Sentence => ({
    what: `the file that bids_config names cannot be used: ${f.path}`,
    facts: [f.detail],
    hint: 'it should be a configuration of pybids: { "entities": [{ "name": "sample", "pattern": "[_/]sample-([a-zA-Z0-9]+)" }, ...] }',
  }),
  'values-per-class': (f: { param: string; values: number; classes: number }): Sentence => ({
    what: `${f.param} has ${f.values} ${f.values === 1 ? 'value' : 'values'}, and the prediction has ${f.classes} ${f.classes === 1 ? 'class' : 'classes'}`,
    hint: 'give one value for all classes, or a list with one value per class',
  }),
  'no-uncertainty-map': (f: { image: string; suffix: string; there: readonly string[] }): Sentence => ({
    what: `postprocessing by uncertainty needs the map ${f.suffix} of ${f.image}, which its predictions do not have`,
    facts: f.there.length > 0 ? [`there are: ${f.there.join(', ')}`] : [],
    hint: 'switch uncertainty on in the step that predicts, choose another suffix, or switch this off by thr: -1',
  }),
  'mask-grid': (f: {
    image: string
    mask: string
    label: string
    maskShape: readonly number[]
    labelShape: readonly number[]
  }): Sentence => ({
    what: `the mask of ${f.image} and its label have different shapes, and cannot be compared`,
    facts: [`mask ${f.maskShape.join(' x ')}: ${f.mask}`, `label ${f.labelShape.join(' x ')}: ${f.label}`],
    hint: 'draw or resample the label on the grid of the image',
  }),
} as const
