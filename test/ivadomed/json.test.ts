import { expect, test } from 'vitest'
import { describe as textOf, type Failure } from '../../src/failure.ts'
import { readJson } from '../../src/ivadomed/json.ts'
import { fileSource } from '../../src/pipeline/read.ts'
import { memberAt } from '../../src/ivadomed/merge.ts'
import { descend, plain } from '../../src/pipeline/tree.ts'

const read = (text: string) => readJson(fileSource('c.json', text))

function mistake(text: string): string {
  const result = read(text)
  if (result.ok) throw new Error('no mistake was found')
  const failure: Failure = result.failures[0]!
  return `${failure.at?.line}:${failure.at?.column} ${textOf(failure).replaceAll('\n', ';')}`
}

test.each([
  '{}',
  '[]',
  '  "a" ',
  '{"a": 1, "b": [true, false, null, -1.5e-3, 0], "c": {"d": "x"}}',
  String.raw`["\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00", ""]`,
  '\t{\r\n"a" :\n[ 1 , 2 ]}\n',
])('what JSON allows is read as JSON.parse reads it: %j', text => {
  const result = read(text)
  expect(result.ok && plain(result.value)).toEqual(JSON.parse(text))
})

test('a mark of the byte order at the beginning is no mistake', () => {
  const result = read('\uFEFF{"a": 1}')
  expect(result.ok && plain(result.value)).toEqual({ a: 1 })
})

test('keys and values know their places', () => {
  const result = read('{\n  "a": {"b": [10, "x"]}\n}')
  if (!result.ok) throw new Error('broken')
  expect(memberAt(result.value, ['a', 'b'])?.key).toEqual({ file: 'c.json', line: 2, column: 9, length: 3 })
  expect(descend(result.value, ['a', 'b', 1])?.at).toEqual({ file: 'c.json', line: 2, column: 19, length: 3 })
})

test.each([
  ['{"a": 1,\n}', '2:1', 'a comma too many before "}"'],
  ['{"a": 1\n "b": 2}', '2:2', '"," or "}" is missing before this'],
  ['{"a" 1}', '1:6', '":" is missing after the key "a"'],
  ['{a: 1}', '1:2', 'a key stands in double quotes here'],
  ["{'a': 1}", '1:2', 'a key stands in double quotes here;  write " in the place of \''],
  ['{"a": \'x\'}', '1:7', 'a text stands in double quotes;  write " in the place of \''],
  ['{"a": True}', '1:7', 'True is not JSON;  write true'],
  ['{"a": None}', '1:7', 'None is not JSON;  write null'],
  ['{"a": axial}', '1:7', 'axial is not JSON;  for the text write "axial"'],
  ['{"a": }', '1:7', 'a value is missing here'],
  ['{"a": 1, // why\n}', '1:10', 'JSON has no comments'],
  ['{"a": "x\n"}', '1:7', 'this text has no closing quote in its line'],
  [String.raw`{"a": "C:\data"}`, '1:7', 'this text has a character that JSON does not allow'],
  ['{"a": {\n"b": 1', '2:7', 'the file ends, and the bracket of line 1 is not closed'],
  ['', '1:1', 'the file is empty'],
  ['{} {}', '1:4', 'the configuration ends before this'],
  ['{"a": 01}', '1:8', '"," or "}" is missing before this'],
  ['{"a": 1,\n "a": 2}', '2:2', '"a" is written twice'],
])('%j is wrong at %s: %s', (text, place, what) => {
  expect(mistake(text)).toContain(`${place} ${what}`)
})
