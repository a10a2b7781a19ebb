import type { Sentence } from './sentence.ts'

/** Packaged models, and what is done with them. */
export const packageFailures = {
  'package-missing': (f: { path: string; detail: string }): Sentence => ({
    what: `not a packaged model: ${f.path}`,
    facts: [f.detail],
    hint: 'give a folder NAME that holds NAME.onnx and NAME.json, such as a package step makes or ivadomed does',
  }),
  'package-settings': (f: { path: string; problems: readonly string[] }): Sentence => ({
    what: `the settings of the model cannot be used: ${f.path}`,
    facts: f.problems,
    hint: 'the file is a configuration of ivadomed, or what a package step wrote: mend it, or get the model again',
  }),
  'package-not-yet': (f: { path: string; what: string }): Sentence => ({
    what: `the model needs ${f.what}, which this version cannot do: ${f.path}`,
    hint: 'docs/models.md says what packaged models may need',
  }),
  'package-damaged': (f: { path: string; problems: readonly string[] }): Sentence => ({
    what: `the packaged model is not as it was made: ${f.path}`,
    facts: f.problems,
    hint: 'get the folder again from where it came from',
  }),
  'weights-unreadable': (f: { path: string; detail: string }): Sentence => ({
    what: `the weights cannot be read: ${f.path}`,
    facts: [f.detail],
    hint: 'give a .safetensors file, such as save_file(model.state_dict(), ...) of the package safetensors writes',
  }),
  'state-does-not-fit': (f: { path: string; settings: string; wrong: readonly string[] }): Sentence => ({
    what: `the weights do not fit the network of the settings, in ${f.wrong.length} places: ${f.path}`,
    facts: [...f.wrong.slice(0, 12), ...(f.wrong.length > 12 ? [`and ${f.wrong.length - 12} more`] : [])],
    hint: `default_model (depth, n_filters), target_suffix and contrast_params of ${f.settings} decide the network: give those of the training`,
  }),
  'folder-in-use': (f: { path: string }): Sentence => ({
    what: `the folder holds files already: ${f.path}`,
    hint: 'give one that is not there yet',
  }),
  'channels-wanted': (f: { path: string; contrasts: readonly string[]; given: number }): Sentence => ({
    what: `the model takes ${f.contrasts.length} channels of an image, and is given ${f.given}: ${f.path}`,
    facts: [`in this order: ${f.contrasts.join(', ')}`],
    hint: 'give the files of one image with commas between them: t1.nii.gz,t2.nii.gz',
  }),
  'prior-empty': (f: { path: string }): Sentence => ({
    what: `no voxel of the prior mask is at least 0.5: ${f.path}`,
    hint: 'give a mask of the region, on the grid of the image',
  }),
  'no-image-found': (f: { path: string }): Sentence => ({
    what: `no image of the kind that the model takes is in the folder: ${f.path}`,
    hint: 'a BIDS folder has subjects: sub-01/anat/sub-01_T2w.nii.gz; single images can be given by name',
  }),
  'unknown-image-format': (f: { path: string }): Sentence => ({
    what: `neither an image nor a folder: ${f.path}`,
    hint: 'give .nii, .nii.gz, .png, .tif or .tiff',
  }),
  'pixel-size-missing': (f: { path: string; detail: string }): Sentence => ({
    what: `nothing says how large a pixel is: ${f.path}`,
    facts: [f.detail],
    hint: 'write it into the JSON beside the picture: { "PixelSize": [0.1, 0.1], "PixelSizeUnits": "um" }; pipe segment takes --pixel-size 0.1,0.1 as well',
  }),
  'same-mask-name': (f: { name: string; images: readonly string[] }): Sentence => ({
    what: `two images would both be written as ${f.name}`,
    facts: f.images,
    hint: 'give them in two calls with another -o each',
  }),
} as const
