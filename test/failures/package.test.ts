import { expect } from 'vitest'
import { packageFailures } from '../../src/failures/package.ts'
import { examplesOf } from './examples.ts'

const { example, complete } = examplesOf(packageFailures)

example({ kind: 'package-missing', path: 'model', detail: 'it is empty' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  not a packaged model: model
      it is empty
      give a folder NAME that holds NAME.onnx and NAME.json, such as a package step makes or ivadomed does
  "
`),
)
example({ kind: 'package-settings', path: 'm/m.json', problems: ['transformation.Resample.hspace: expected number'] }, text =>
  expect(text).toMatchInlineSnapshot(`
    "error  the settings of the model cannot be used: m/m.json
        transformation.Resample.hspace: expected number
        the file is a configuration of ivadomed, or what a package step wrote: mend it, or get the model again
    "
  `),
)
example({ kind: 'package-not-yet', path: 'm/m.json', what: 'metadata as a second input (FiLM)' }, text =>
  expect(text).toMatchInlineSnapshot(`
    "error  the model needs metadata as a second input (FiLM), which this version cannot do: m/m.json
        docs/models.md says what packaged models may need
    "
  `),
)
example({ kind: 'package-damaged', path: 'm', problems: ['m.onnx has changed'] }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  the packaged model is not as it was made: m
      m.onnx has changed
      get the folder again from where it came from
  "
`),
)
example({ kind: 'weights-unreadable', path: 'w.safetensors', detail: 'its header is not JSON' }, text =>
  expect(text).toMatchInlineSnapshot(`
    "error  the weights cannot be read: w.safetensors
        its header is not JSON
        give a .safetensors file, such as save_file(model.state_dict(), ...) of the package safetensors writes
    "
  `),
)
example(
  {
    kind: 'state-does-not-fit',
    path: 'w.safetensors',
    settings: 'm.json',
    wrong: [
      'decoder.last_conv.bias: missing, the network wants 1',
      ...Array.from({ length: 13 }, (_, i) => `more${i}: the network has none`),
    ],
  },
  text =>
    expect(text).toMatchInlineSnapshot(`
    "error  the weights do not fit the network of the settings, in 14 places: w.safetensors
        decoder.last_conv.bias: missing, the network wants 1
        more0: the network has none
        more1: the network has none
        more2: the network has none
        more3: the network has none
        more4: the network has none
        more5: the network has none
        more6: the network has none
        more7: the network has none
        more8: the network has none
        more9: the network has none
        more10: the network has none
        and 2 more
        default_model (depth, n_filters), target_suffix and contrast_params of m.json decide the network: give those of the training
    "
  `),
)
example({ kind: 'folder-in-use', path: 'cord' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  the folder holds files already: cord
      give one that is not there yet
  "
`),
)
example({ kind: 'channels-wanted', path: 't1.nii.gz', contrasts: ['T1w', 'T2w'], given: 1 }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  the model takes 2 channels of an image, and is given 1: t1.nii.gz
      in this order: T1w, T2w
      give the files of one image with commas between them: t1.nii.gz,t2.nii.gz
  "
`),
)
example({ kind: 'prior-empty', path: 'prior.nii.gz' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  no voxel of the prior mask is at least 0.5: prior.nii.gz
      give a mask of the region, on the grid of the image
  "
`),
)
example({ kind: 'no-image-found', path: 'data' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  no image of the kind that the model takes is in the folder: data
      a BIDS folder has subjects: sub-01/anat/sub-01_T2w.nii.gz; single images can be given by name
  "
`),
)
example({ kind: 'unknown-image-format', path: 'image.dcm' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  neither an image nor a folder: image.dcm
      give .nii, .nii.gz, .png, .tif or .tiff
  "
`),
)
example({ kind: 'pixel-size-missing', path: 'a.png', detail: 'there is no a.json' }, text =>
  expect(text).toMatchInlineSnapshot(`
    "error  nothing says how large a pixel is: a.png
        there is no a.json
        write it into the JSON beside the picture: { "PixelSize": [0.1, 0.1], "PixelSizeUnits": "um" }; pipe segment takes --pixel-size 0.1,0.1 as well
    "
  `),
)
example({ kind: 'same-mask-name', name: 'x_pred.nii.gz', images: ['a/x.nii.gz', 'b/x.nii.gz'] }, text =>
  expect(text).toMatchInlineSnapshot(`
    "error  two images would both be written as x_pred.nii.gz
        a/x.nii.gz
        b/x.nii.gz
        give them in two calls with another -o each
    "
  `),
)
complete()
