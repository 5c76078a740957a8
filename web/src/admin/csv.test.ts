import { expect, test } from 'vitest'
import { piecesOf, textOfFile } from './csv'

test('a file is cut between its records, and each piece has the heading', () => {
  const file = '\uFEFFname,email\r\nAnn,ann@example.test\r\n\r\n"Bob\nBerg",bob@example.test\r\nCem,cem@example.test\r\n'
  expect(piecesOf(file, 2)).toEqual([
    { csv: 'name,email\nAnn,ann@example.test\n"Bob\nBerg",bob@example.test', lines: [2, 4] },
    { csv: 'name,email\nCem,cem@example.test', lines: [6] },
  ])
})

test('quotes in quotes end nothing, and a quote that is left open takes the rest', () => {
  expect(piecesOf('name\n"a ""b""\nc"\nd', 1).map((p) => p.csv)).toEqual(['name\n"a ""b""\nc"', 'name\nd'])
  expect(piecesOf('name\n"a\nb\nc', 1).map((p) => p.csv)).toEqual(['name\n"a\nb\nc'])
})

test('a file without people is one piece, an empty file none', () => {
  expect(piecesOf('name,email\n', 10)).toEqual([{ csv: 'name,email', lines: [] }])
  expect(piecesOf('\n\n', 10)).toEqual([])
})

test('a spreadsheet may write Chinese in GB 18030', async () => {
  expect(await textOfFile(new Blob([new Uint8Array([0xd0, 0xd5, 0xc3, 0xfb])]))).toBe('姓名')
  expect(await textOfFile(new Blob(['姓名']))).toBe('姓名')
})
