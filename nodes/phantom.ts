import { z } from 'zod'
import { defineNode } from '../src/node.ts'
import { contrasts } from '../src/phantom/anatomy.ts'
import { makePhantom, phantomDefaults, phantomSubjects } from '../src/phantom/phantom.ts'
import { isOrientation } from '../src/phantom/store.ts'
import { dataset } from './artifacts.ts'

const d = phantomDefaults
const three = <T extends z.ZodNumber>(value: T) => z.tuple([value, value, value])

const params = z
  .strictObject({
    subjects: z.int().min(1).max(9999).default(d.subjects).describe('how many subjects: sub-01, sub-02 ...'),
    shape: three(z.int().min(1).max(1024))
      .default([...d.shape])
      .describe('voxels along right, anterior and superior, whatever the orientation of storage'),
    spacing: three(z.number().positive().max(100))
      .default([...d.spacing])
      .describe('voxel size in mm along right, anterior and superior'),
    contrasts: z
      .array(z.enum(contrasts))
      .min(1)
      .default([...d.contrasts])
      .describe('which images every subject has'),
    orientations: z
      .array(z.string().refine(isOrientation, 'three letters that name each axis once, such as RPI, LPI, RAS or PIR'))
      .min(1)
      .default([...d.orientations])
      .describe("how the images are stored, in turn over the subjects; nibabel's names: RPI grows to the right, backwards, downwards"),
    tilt: z.number().min(-90).max(90).default(d.tilt).describe('turn of the stored grid about the left-right axis, in degrees'),
    bias: z.number().min(0).max(2).default(d.bias).describe('strength of the slow intensity field: about the largest |log| of it'),
    noise: z.number().min(0).max(1).default(d.noise).describe('standard deviation of the noise; the brightest tissue is about 1'),
    missing: z.array(z.string()).default([]).describe('images left out, such as sub-03_T2star'),
  })
  .superRefine((p, context) => {
    const known = new Set(phantomSubjects(p.subjects).flatMap(name => p.contrasts.map(contrast => `${name}_${contrast}`)))
    p.missing.forEach((stem, at) => {
      if (!known.has(stem)) context.addIssue({ code: 'custom', path: ['missing', at], message: `the phantom has no image "${stem}"` })
    })
  })

/** Makes a BIDS dataset out of nothing but a seed. */
export default defineNode({
  summary: 'makes a small BIDS dataset with spinal-cord-like anatomy, and its labels',
  version: 1,
  seeded: true,
  params,
  inputs: {},
  output: dataset,
  async run(job) {
    await makePhantom(job.dir, job.params, job.seed, done => {
      job.signal.throwIfAborted()
      job.progress({ done, total: job.params.subjects, unit: 'subject' })
    })
    const images = job.params.subjects * job.params.contrasts.length - new Set(job.params.missing).size
    job.log(`phantom: ${job.params.subjects} subjects, ${images} images of ${job.params.shape.join('x')} voxels`)
    return { name: 'phantom' }
  },
})
