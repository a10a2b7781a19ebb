import { expect } from 'vitest'
import { trainFailures } from '../../src/failures/train.ts'
import { examplesOf } from './examples.ts'

const { example, complete } = examplesOf(trainFailures)

example(
  {
    kind: 'loss-not-finite',
    epoch: 3,
    step: 41,
    loss: 'NaN',
    during: 'training',
    checkpoint: 'scratch/checkpoint.bin',
    earlier: 'scratch/failed.json',
  },
  text =>
    expect(text).toMatchInlineSnapshot(`
  "error  the training loss became NaN at epoch 3, step 41
      the last good checkpoint is kept: scratch/checkpoint.bin
      an earlier try with the same settings came to this, so it was not repeated; to try again from the start, delete scratch/failed.json
      lower the learning rate (scheduler.initial_lr), or look for images with extreme intensities
  "
`),
)
example({ kind: 'empty-set', set: 'validation', reason: 'all its slices were filtered out' }, text =>
  expect(text).toMatchInlineSnapshot(`
    "error  the validation set has no slices
        all its slices were filtered out
        give the split more subjects or other fractions, or relax the filters of slices and patches
    "
  `),
)
example({ kind: 'slices-too-small', image: 'sub-01_T2w', size: '32 x 32', halvings: 6 }, text =>
  expect(text).toMatchInlineSnapshot(`
    "error  the network halves its images 6 times, and of the slices of sub-01_T2w (32 x 32 pixels) nothing would be left
        each side must have at least 64 pixels
        make network.depth smaller, or CenterCrop.size (it pads) or patches.length_2D larger
    "
  `),
)
example({ kind: 'sample-sizes-differ', first: 'sub-01_T2w', firstSize: '128 x 128', second: 'sub-02_T2w', secondSize: '100 x 128' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  slices of one batch have different sizes: sub-01_T2w is 128 x 128, sub-02_T2w is 100 x 128
      add CenterCrop to the transforms (it pads where an image is smaller), or train with batch_size 1
  "
`),
)
example({ kind: 'no-dropout', reason: 'this one has none' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  uncertainty by dropout (epistemic) needs a network with dropout layers, trained here
      this one has none
      train with network.dropout_rate above 0, or ask for uncertainty by augmentation (aleatoric) in its place
  "
`),
)
example({ kind: 'tfjs-missing', looked: ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'] }, text =>
  expect(text).toMatchInlineSnapshot(`
    "error  the engine tfjs needs a package that is not installed
        looked for @tensorflow/tfjs-node-gpu and @tensorflow/tfjs-node
        npm install @tensorflow/tfjs-node-gpu (an NVIDIA GPU with CUDA) or npm install @tensorflow/tfjs-node; with a current TensorFlow in its place: docs/tfjs.md; or run with --engine onnx
    "
  `),
)
example({ kind: 'tfjs-broken', package: '@tensorflow/tfjs-node', detail: 'the native addon module can not be found' }, text =>
  expect(text).toMatchInlineSnapshot(`
    "error  @tensorflow/tfjs-node is installed, and cannot be loaded
        the native addon module can not be found
        install it again, where its download can be reached; or build its binding on a current TensorFlow with scripts/tfjs-node-from-wheel (docs/tfjs.md); or run with --engine onnx
    "
  `),
)
example({ kind: 'model-without-net', model: 'models/cord.onnx' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  the engine tfjs needs the layers of a model, and has only models/cord.onnx
      it reads them from the model.json that the train step writes beside its model
      keep model.json with the model, or run with --engine onnx, which runs any .onnx file
  "
`),
)
example(
  { kind: 'device-missing', device: 'gpu', detail: '@tensorflow/tfjs-node 4.22.0 was loaded, and sees no GPU that it can use' },
  text =>
    expect(text).toMatchInlineSnapshot(`
    "error  networks cannot run on gpu here
        @tensorflow/tfjs-node 4.22.0 was loaded, and sees no GPU that it can use
        npm install @tensorflow/tfjs-node-gpu, with an NVIDIA driver and the CUDA that its TensorFlow was built for (docs/tfjs.md); or run with --device cpu
    "
  `),
)
example({ kind: 'device-missing', device: 'cuda', detail: 'libonnxruntime_providers_cuda.so is missing' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  networks cannot run on cuda here
      libonnxruntime_providers_cuda.so is missing
      fetch its CUDA files once with: node node_modules/onnxruntime-node/script/install --onnxruntime-node-install=cuda12 (an NVIDIA driver, CUDA 12 and cuDNN 9 must be there); or run with --device cpu
  "
`),
)
example({ kind: 'device-missing', device: 'webgpu', detail: 'no adapter' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  networks cannot run on webgpu here
      no adapter
      a GPU with a Vulkan, Metal or Direct3D 12 driver is needed; or run with --device cpu
  "
`),
)
example({ kind: 'model-unreadable', path: 'model.onnx', detail: 'protobuf parsing failed' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  not a model that ONNX Runtime can open: model.onnx
      protobuf parsing failed
      give an .onnx file with one image input [N, C, H, W] and one output, such as the train step writes
  "
`),
)
example({ kind: 'image-not-in-tensors', set: 'train', missing: ['sub-01_T2w', 'sub-02_T2w'], known: 29 }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  2 images of the train set are not among the 29 of the tensors
      sub-01_T2w
      sub-02_T2w
      the steps that make the split and the tensors must read the same index
  "
`),
)
example({ kind: 'no-label', set: 'train', images: ['sub-01_T2w', 'sub-02_T2w'] }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  2 images of the train set have no label to learn from
      sub-01_T2w
      sub-02_T2w
      add their label files, or leave these images out
  "
`),
)
example({ kind: 'model-does-not-fit', what: 'channels', model: '1', tensors: '2' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  the model does not fit the tensors: it was trained on channels 1, and they have 2
      give it tensors made with the settings it was trained with
  "
`),
)

example({ kind: 'weights-do-not-fit', model: 'old.onnx', wrong: ['a', 'b', 'c', 'd', 'e', 'f'] }, text =>
  expect(text).toMatchInlineSnapshot(`
    "error  the weights of old.onnx do not fit the network, in 6 places
        a
        b
        c
        d
        e
        and 1 more
        give network and data as that model had them (its model.json says which); layers that start afresh (transfer_learning.reset) need not fit
    "
  `),
)
example({ kind: 'nothing-to-train', fraction: 0, layers: 21 }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  with transfer_learning.retrain_fraction 0, none of the 21 layers is trained
      make it larger: 1 trains all layers
  "
`),
)
example({ kind: 'two-models', path: 'old.onnx' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  two models to start from: the input "from", and retrain_model old.onnx
      leave one of them out
  "
`),
)
example({ kind: 'no-checkpoint', input: 'resume' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  the training of the input "resume" kept no checkpoint to go on from
      set training_time.until_epoch of the step that it comes from
  "
`),
)
example({ kind: 'checkpoint-beyond', epoch: 16, until: 4 }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  the training to go on from has come to epoch 16, and this one ends at epoch 4
      set training_time.until_epoch (or num_epochs) to a later one
  "
`),
)
example({ kind: 'checkpoint-unreadable', path: 'cache/artifacts/ab/training.checkpoint', detail: 'cut short' }, text =>
  expect(text).toMatchInlineSnapshot(`
    "error  not a checkpoint of a training: cache/artifacts/ab/training.checkpoint
        cut short
        take one that a train step of this version wrote
    "
  `),
)
example({ kind: 'needs-index', column: 'center' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  balancing the samples by center needs to know what the images have there
      give the step the input "index"; or balance by gt, whether a slice has foreground
  "
`),
)

example({ kind: 'model-refuses', size: '4 x 2 x 64 x 64', detail: 'Got: 2 Expected: 1' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  the model does not take images of 4 x 2 x 64 x 64 [N, C, H, W]
      Got: 2 Expected: 1
      give it as many channels as it was trained on, and images at least as large as its halvings need
  "
`),
)
example({ kind: 'out-of-memory', work: 'a training step on', size: '18 x 1 x 128 x 128', detail: 'OOM', fits: 4 }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  there is not enough memory for a training step on images of 18 x 1 x 128 x 128 [N, C, H, W]
      OOM
      a batch of 4 fitted
      set batch_size to 4, or crop the images smaller
  "
`),
)
example({ kind: 'out-of-memory', work: 'a training step on', size: '18 x 1 x 128 x 128', detail: 'OOM', fits: 0 }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  there is not enough memory for a training step on images of 18 x 1 x 128 x 128 [N, C, H, W]
      OOM
      not even a batch of one image fitted
      crop the images smaller, or give the network fewer filters
  "
`),
)
example(
  {
    kind: 'out-of-memory',
    work: 'a training step on',
    size: '64 x 1 x 512 x 512',
    detail: 'Failed to allocate memory for requested buffer of size 4294967296',
  },
  text =>
    expect(text).toMatchInlineSnapshot(`
    "error  there is not enough memory for a training step on images of 64 x 1 x 512 x 512 [N, C, H, W]
        Failed to allocate memory for requested buffer of size 4294967296
        lower batch_size, crop the images smaller, or give the network fewer filters
    "
  `),
)
complete()
