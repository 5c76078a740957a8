import { expect, it } from 'vitest'
import { filesOf, kindOf, textWins } from './attachment'

const limits = { image: 10, video: 50, file: 100 }

it.each([
  ['image/png', 5, { kind: 'image' }],
  ['image/png', 50, { kind: 'file' }],
  ['image/svg+xml', 5, { kind: 'file' }],
  ['video/mp4', 40, { kind: 'video' }],
  ['video/mp4', 80, { kind: 'file' }],
  ['image/png', 101, { kind: 'image', over: 100 }],
  ['application/pdf', 101, { kind: 'file', over: 100 }],
  ['', 1, { kind: 'file' }],
])('%s of %d bytes', (type, size, want) => {
  expect(kindOf({ type, size }, limits)).toEqual(want)
})

it('knows no limits before the server has told them', () => {
  expect(kindOf({ type: 'image/png', size: 1e12 }, undefined)).toEqual({ kind: 'image' })
})

// Cells of a spreadsheet arrived as a picture of them.
it.each([
  ['a\tb\n1\t2', ['image.png'], true],
  ['', ['image.png'], false],
  [' \n', ['image.png'], false],
  ['plan.pdf', ['plan.pdf'], false],
  ['plan.pdf\nnotes.txt\n', ['plan.pdf', 'notes.txt'], false],
  ['/home/ann/plan.pdf', ['plan.pdf'], false],
  ['file:///home/ann/my%20plan.pdf', ['my plan.pdf'], false],
  ['see plan.pdf', ['plan.pdf'], true],
])('tells text from the names of files: %j with %j', (text, names, want) => {
  expect(textWins(text, names.map((name) => ({ name })))).toBe(want)
})

it('names pasted pictures by their time', () => {
  const now = new Date(2026, 0, 2, 3, 4, 5).getTime()
  const data = { files: [new File(['x'], 'image.png', { type: 'image/png' }), new File(['x'], 'plan.pdf')] } as unknown as DataTransfer
  expect(filesOf(data, now).map((file) => file.name)).toEqual(['2026-01-02-03-04-05.png', 'plan.pdf'])
  expect(filesOf(null, now)).toEqual([])
})
