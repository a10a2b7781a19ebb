import { appendFileSync, rmSync, writeFileSync, mkdirSync, symlinkSync, chmodSync, readFileSync, truncateSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { test, afterEach, beforeEach } from 'vitest'
import { Place, editImage, checksum, otherUser } from './place.ts'

let place: Place
beforeEach(async () => { place = new Place(); await place.phantom(); place.pipeline() })
afterEach(() => place.remove())
const LOG = '/tmp/bd/explore.log'
const log = (s: string) => appendFileSync(LOG, s + '\n')
async function show(name: string, args: string[] = [], o = {}) {
  const before = checksum(place.at('data'))
  const t = performance.now()
  const r = await place.pipe(['run', 'p.yaml', ...args], o)
  const after = checksum(place.at('data'))
  log(`=== ${name}: exit ${r.code} ${Math.round(performance.now() - t)} ms ${before === after ? '' : 'DATASET CHANGED'}\n${r.out.split('\n').filter(l => !/^model: [a-zA-Z_ ]+:|^tensors: /.test(l)).join('\n')}\nERR: ${r.err}`)
}
const cases: Record<string, () => void | Promise<void> | string[] | [string[], object]> = {
  'missing folder': () => ['--set', 'dataset.path=dat'],
  'file as folder': () => ['--set', 'dataset.path=p.yaml'],
  'empty dataset': () => { rmSync(place.at('data'), { recursive: true }); mkdirSync(place.at('data')) },
  'dataset of empty folders': () => { rmSync(place.at('data'), { recursive: true }); mkdirSync(place.at('data/sub-01/anat'), { recursive: true }) },
  'wrong contrast': () => ['--set', 'index.contrasts=[T9w]'],
  'wrong suffix': () => ['--set', 'index.target_suffix=[_lesion]'],
  'dangling link': () => { rmSync(place.image('02')); symlinkSync('../nothing/here', place.image('02')) },
  'loop link': () => { symlinkSync('..', place.at('data/sub-01/loop')) },
  'empty file': () => writeFileSync(place.image('02'), ''),
  'not nifti': () => writeFileSync(place.image('02'), 'hello world, this is no image'),
  'label shape': () => editImage(place.label('02'), b => { b.writeInt16LE(23, 42); return b.subarray(0, b.length - 8) }),
  'nan image': () => editImage(place.image('02'), b => { b.writeInt16LE(16, 70); b.writeInt16LE(32, 72); const v = Buffer.alloc(24*24*4*4); v.writeFloatLE(NaN, 400); return Buffer.concat([b.subarray(0, 352), v]) }),
  'constant image': () => editImage(place.image('02'), b => { b.fill(0, 352); for (let i = 352; i < b.length; i += 2) b.writeInt16LE(7, i); return b }),
  'zero image': () => editImage(place.image('02'), b => { b.fill(0, 352); return b }),
  'all zero images': () => { for (const s of ['01','02','03','04','05']) editImage(place.image(s), b => { b.fill(0, 352); return b }) },
  '4d': () => editImage(place.image('02'), b => { b.writeInt16LE(4, 40); b.writeInt16LE(2, 46);  b.writeInt16LE(2, 48); return b }),
  'truncated gzip': () => truncateSync(place.image('02'), 2000),
  'gzip bomb header': () => editImage(place.image('02'), b => { b.writeInt16LE(30000, 42); b.writeInt16LE(30000, 44); b.writeInt16LE(30000, 46); return b }),
  'corrupt gzip': () => { const b = readFileSync(place.image('02')); b.fill(0x55, 1500, 1600); writeFileSync(place.image('02'), b) },
  'uncompressed named gz': () => { editImage(place.image('02'), b => b) ; },
  'unreadable file': () => { chmodSync(place.image('02'), 0); chmodSync(place.dir, 0o777); return [[], { uid: otherUser }] },
  'unreadable folder': () => { chmodSync(place.at('data/sub-02'), 0); chmodSync(place.dir, 0o777); return [[], { uid: otherUser }] },
  'unreadable root folder': () => { chmodSync(place.at('data'), 0); chmodSync(place.dir, 0o777); return [[], { uid: otherUser }] },
  'unreadable pipeline': () => { chmodSync(place.at('p.yaml'), 0); chmodSync(place.dir, 0o777); return [[], { uid: otherUser }] },
  'ro cache user': () => { chmodSync(place.dir, 0o755); return [[], { uid: otherUser }] },
  'ro out': () => { chmodSync(place.dir, 0o755); mkdirSync(place.at('c')); chmodSync(place.at('c'), 0o777); return [['--cache', 'c'], { uid: otherUser }] },
  'cache below file': () => ['--cache', 'p.yaml/c'],
  'cache is file': () => ['--cache', 'p.yaml'],
  'out below file': () => ['--out', 'p.yaml/c'],
  'proc cache': () => ['--cache', '/proc/x'],
  'bad tsv': () => writeFileSync(place.at('data/participants.tsv'), 'participant_id\tage\nsub-01\n'),
  'bad json': () => writeFileSync(place.at('data/sub-02/anat/sub-02_T2w.json'), '{"a": '),
  'tiny split': () => ['--set', 'split.train_fraction=0.9', '--set', 'split.test_fraction=0.1'],
  'no training': () => ['--set', 'split.train_fraction=0', '--set', 'split.test_fraction=0.2'],
  'two subjects': () => { for (const s of ['03','04','05']) rmSync(place.at(`data/sub-${s}`), { recursive: true }) },
  'test value': () => ['--set', 'split.data_testing.data_type=participant_id', '--set', 'split.data_testing.data_value=[sub-77]'],
  'big batch': () => ['--set', 'model.batch_size=1000'],
  'lr': () => ['--set', 'model.scheduler.initial_lr=1e30'],
  'typo node param': () => ['--set', 'model.network.n_filter=3'],
  'typo model': () => ['--set', 'model.network.name=Unett'],
  'typo loss': () => ['--set', 'model.loss.name=DiceLos'],
  'typo step': () => ['--set', 'modle.batch_size=3'],
  'depth too big': () => ['--set', 'model.network.depth=7'],
  'odd crop': () => ['--set', 'tensors.CenterCrop.size=[33,31]'],
  'crop larger': () => ['--set', 'tensors.CenterCrop.size=[64,48]'],
  'no crop different sizes': () => { editImage(place.image('02'), b => { b.writeInt16LE(22, 42); return b }); editImage(place.label('02'), b => { b.writeInt16LE(22, 42); return b }); place.pipeline(t => t.replace(/\n.*CenterCrop.*/, '')) },
  'cache prefix': () => { writeFileSync(place.at('p.yaml'), readFileSync(place.at('p.yaml'), 'utf8').replace('path: data', 'path: data')); return ['--cache', 'dat'] },
  'huge label values': () => editImage(place.label('02'), b => { b.fill(9, 352); return b }),
  'empty labels': () => { for (const s of ['01','02','03','04','05']) editImage(place.label(s), b => { b.fill(0, 352); return b }) },
}
const only = process.env['ONLY']
for (const [name, make] of Object.entries(cases)) if (!only || new RegExp(only).test(name)) test(name, async () => {
  const r = (await make()) as string[] | [string[], object] | undefined
  const [args, o] = r ? (Array.isArray(r[0]) ? (r as [string[], object]) : [r as string[], {}]) : [[], {}]
  await show(name, args, o)
})
