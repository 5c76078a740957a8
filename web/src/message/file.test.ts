import { expect, it } from 'vitest'
import { extension, scaled, splitName } from './file'

it('asks the server for a smaller copy of its own files only', () => {
  expect(scaled('/files/a/b.png?e=1&s=x', 'thumb')).toBe('/files/a/b.png?e=1&s=x&size=thumb')
  expect(scaled('https://chat.example.test/files/a/b.png?e=1&s=x', 'preview')).toBe('https://chat.example.test/files/a/b.png?e=1&s=x&size=preview')
  expect(scaled('https://cdn.example.test/b.png', 'thumb')).toBe('https://cdn.example.test/b.png')
  expect(scaled('blob:http://localhost/1', 'thumb')).toBe('blob:http://localhost/1')
})

it('knows what a file is', () => {
  expect(extension({ name: 'Report.PDF', type: '' })).toBe('pdf')
  expect(extension({ name: 'x', type: 'image/png' })).toBe('png')
  expect(extension({ name: 'x', type: '.zip' })).toBe('zip')
  expect(extension({ name: '', type: '' })).toBe('')
})

it.each([
  ['Quarterly report 2026 final.pdf', 'Quarterly report 2026 f', 'inal.pdf'],
  ['archive.tar.gz', 'archive.', 'tar.gz'],
  ['2026年第三季度财务报告.xlsx', '2026年第三季度', '财务报告.xlsx'],
  ['تقرير.pdf', 'تقرير', '.pdf'],
  ['a.pdf', 'a.pdf', ''],
  ['.profile', '.profile', ''],
  ['Makefile', 'Make', 'file'],
  ['no extension here', 'no extension ', 'here'],
  ['', '', ''],
])('splits the name %s', (name, start, end) => {
  expect(splitName(name)).toEqual([start, end])
})
