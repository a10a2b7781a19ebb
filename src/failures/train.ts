import type { Sentence } from './sentence.ts'

/** Networks, training, inference. */
export const trainFailures = {
  'loss-not-finite': (f: {
    epoch: number
    step: number
    loss: string
    during: string
    checkpoint?: string
    earlier?: string
  }): Sentence => ({
    what: `the ${f.during} loss became ${f.loss} at epoch ${f.epoch}, step ${f.step}`,
    facts: [
      ...(f.checkpoint ? [`the last good checkpoint is kept: ${f.checkpoint}`] : ['it happened before the first checkpoint']),
      ...(f.earlier
        ? [`an earlier try with the same settings came to this, so it was not repeated; to try again from the start, delete ${f.earlier}`]
        : []),
    ],
    hint: 'lower the learning rate (scheduler.initial_lr), or look for images with extreme intensities',
  }),
  'empty-set': (f: { set: string; reason: string }): Sentence => ({
    what: `the ${f.set} set has no slices`,
    facts: [f.reason],
    hint: 'give the split more subjects or other fractions, or relax the filters of slices and patches',
  }),
  'image-not-in-tensors': (f: { set: string; missing: readonly string[]; known: number }): Sentence => ({
    what: `${f.missing.length} images of the ${f.set} set are not among the ${f.known} of the tensors`,
    facts: f.missing.slice(0, 10),
    hint: 'the steps that make the split and the tensors must read the same index',
  }),
  'no-label': (f: { set: string; images: readonly string[] }): Sentence => ({
    what: `${f.images.length} images of the ${f.set} set have no label to learn from`,
    facts: f.images.slice(0, 10),
    hint: 'add their label files, or leave these images out',
  }),
  'model-does-not-fit': (f: { what: string; model: string; tensors: string }): Sentence => ({
    what: `the model does not fit the tensors: it was trained on ${f.what} ${f.model}, and they have ${f.tensors}`,
    hint: 'give it tensors made with the settings it was trained with',
  }),
  'weights-do-not-fit': (f: { model: string; wrong: readonly string[] }): Sentence => ({
    what: `the weights of ${f.model} do not fit the network, in ${f.wrong.length} places`,
    facts: [...f.wrong.slice(0, 5), ...(f.wrong.length > 5 ? [`and ${f.wrong.length - 5} more`] : [])],
    hint: 'give network and data as that model had them (its model.json says which); layers that start afresh (transfer_learning.reset) need not fit',
  }),
  'nothing-to-train': (f: { fraction: number; layers: number }): Sentence => ({
    what: `with transfer_learning.retrain_fraction ${f.fraction}, none of the ${f.layers} layers is trained`,
    hint: 'make it larger: 1 trains all layers',
  }),
  'two-models': (f: { path: string }): Sentence => ({
    what: `two models to start from: the input "from", and retrain_model ${f.path}`,
    hint: 'leave one of them out',
  }),
  'no-checkpoint': (f: { input: string }): Sentence => ({
    what: `the training of the input "${f.input}" kept no checkpoint to go on from`,
    hint: 'set training_time.until_epoch of the step that it comes from',
  }),
  'checkpoint-beyond': (f: { epoch: number; until: number }): Sentence => ({
    what: `the training to go on from has come to epoch ${f.epoch}, and this one ends at epoch ${f.until}`,
    hint: 'set training_time.until_epoch (or num_epochs) to a later one',
  }),
  'checkpoint-unreadable': (f: { path: string; detail: string }): Sentence => ({
    what: `not a checkpoint of a training: ${f.path}`,
    facts: [f.detail],
    hint: 'take one that a train step of this version wrote',
  }),
  'needs-index': (f: { column: string }): Sentence => ({
    what: `balancing the samples by ${f.column} needs to know what the images have there`,
    hint: 'give the step the input "index"; or balance by gt, whether a slice has foreground',
  }),
  'sample-sizes-differ': (f: { first: string; firstSize: string; second: string; secondSize: string }): Sentence => ({
    what: `slices of one batch have different sizes: ${f.first} is ${f.firstSize}, ${f.second} is ${f.secondSize}`,
    hint: 'add CenterCrop to the transforms (it pads where an image is smaller), or train with batch_size 1',
  }),
  'slices-too-small': (f: { image: string; size: string; halvings: number }): Sentence => ({
    what: `the network halves its images ${f.halvings} times, and of the slices of ${f.image} (${f.size} pixels) nothing would be left`,
    facts: [`each side must have at least ${2 ** f.halvings} pixels`],
    hint: 'make network.depth smaller, or CenterCrop.size (it pads) or patches.length_2D larger',
  }),
  'device-missing': (f: { device: string; detail: string }): Sentence => ({
    what: `networks cannot run on ${f.device} here`,
    facts: [f.detail],
    hint:
      f.device === 'cuda'
        ? 'fetch its CUDA files once with: node node_modules/onnxruntime-node/script/install --onnxruntime-node-install=cuda12 (an NVIDIA driver, CUDA 12 and cuDNN 9 must be there); or run with --device cpu'
        : f.device === 'gpu'
          ? 'npm install @tensorflow/tfjs-node-gpu, with an NVIDIA driver and the CUDA that its TensorFlow was built for (docs/tfjs.md); or run with --device cpu'
          : 'a GPU with a Vulkan, Metal or Direct3D 12 driver is needed; or run with --device cpu',
  }),
  'tfjs-missing': (f: { looked: readonly string[] }): Sentence => ({
    what: 'the engine tfjs needs a package that is not installed',
    facts: [`looked for ${f.looked.join(' and ')}`],
    hint: 'npm install @tensorflow/tfjs-node-gpu (an NVIDIA GPU with CUDA) or npm install @tensorflow/tfjs-node; with a current TensorFlow in its place: docs/tfjs.md; or run with --engine onnx',
  }),
  'tfjs-broken': (f: { package: string; detail: string }): Sentence => ({
    what: `${f.package} is installed, and cannot be loaded`,
    facts: [f.detail],
    hint: 'install it again, where its download can be reached; or build its binding on a current TensorFlow with scripts/tfjs-node-from-wheel (docs/tfjs.md); or run with --engine onnx',
  }),
  'model-without-net': (f: { model: string }): Sentence => ({
    what: `the engine tfjs needs the layers of a model, and has only ${f.model}`,
    facts: ['it reads them from the model.json that the train step writes beside its model'],
    hint: 'keep model.json with the model, or run with --engine onnx, which runs any .onnx file',
  }),
  'model-unreadable': (f: { path: string; detail: string }): Sentence => ({
    what: `not a model that ONNX Runtime can open: ${f.path}`,
    facts: [f.detail],
    hint: 'give an .onnx file with one image input [N, C, H, W] and one output, such as the train step writes',
  }),
  'no-dropout': (f: { reason: string }): Sentence => ({
    what: 'uncertainty by dropout (epistemic) needs a network with dropout layers, trained here',
    facts: [f.reason],
    hint: 'train with network.dropout_rate above 0, or ask for uncertainty by augmentation (aleatoric) in its place',
  }),
  'model-refuses': (f: { size: string; detail: string }): Sentence => ({
    what: `the model does not take images of ${f.size} [N, C, H, W]`,
    facts: [f.detail],
    hint: 'give it as many channels as it was trained on, and images at least as large as its halvings need',
  }),
  'out-of-memory': (f: { work: string; size: string; detail: string; fits?: number }): Sentence => ({
    what: `there is not enough memory for ${f.work} images of ${f.size} [N, C, H, W]`,
    facts: [f.detail, ...(f.fits ? [`a batch of ${f.fits} fitted`] : f.fits === 0 ? ['not even a batch of one image fitted'] : [])],
    hint: f.fits
      ? `set batch_size to ${f.fits}, or crop the images smaller`
      : f.fits === 0
        ? 'crop the images smaller, or give the network fewer filters'
        : 'lower batch_size, crop the images smaller, or give the network fewer filters',
  }),
} as const
