import { expect, test } from 'vitest'
import { csvOf, piecesOf, textOfFile } from './csv'

test('a file is cut between its records, and each piece has the heading', () => {
  const file = '\uFEFFname,email\r\nAnn,ann@example.test\r\n\r\n"Bob\nBerg",bob@example.test\r\nCem,cem@example.test\r\n'
  expect(piecesOf(file, 2)).toEqual([
    { csv: 'name,email\nAnn,ann@example.test\n"Bob\nBerg",bob@example.test', lines: [1, 2, 4, 5] },
    { csv: 'name,email\nCem,cem@example.test', lines: [1, 6] },
  ])
})

test('lines that are left out keep the numbers of the others', () => {
  expect(piecesOf('name\nAnn\nBob\nCem\nDora\n', 2, new Set([3]))).toEqual([
    { csv: 'name\nAnn\nCem', lines: [1, 2, 4] },
    { csv: 'name\nDora', lines: [1, 5] },
  ])
})

test('quotes in quotes end nothing, and a stray quote takes no other lines', () => {
  expect(piecesOf('name\n"a ""b""\nc"\nd', 1).map((p) => p.csv)).toEqual(['name\n"a ""b""\nc"', 'name\nd'])
  expect(piecesOf('name\n"a\nb', 1).map((p) => p.csv)).toEqual(['name\n"a', 'name\nb'])
  expect(piecesOf('name,email\na 5" b,x\n"c "d",y\ne, "f"\n', 1).map((p) => p.csv)).toEqual(['a 5" b,x', '"c "d",y', 'e, "f"'].map((line) => `name,email\n${line}`))
})

test('a file without people is one piece, an empty file none', () => {
  expect(piecesOf('name,email\n', 10)).toEqual([{ csv: 'name,email', lines: [1] }])
  expect(piecesOf('\n\n', 10)).toEqual([])
})

test('a spreadsheet may write UTF-16', async () => {
  expect(await textOfFile(new Blob([new Uint8Array([0xff, 0xfe, 0xd3, 0x59, 0x09, 0x00])]))).toBe('姓\t')
  expect(await textOfFile(new Blob([new Uint8Array([0xfe, 0xff, 0x59, 0xd3, 0x00, 0x09])]))).toBe('姓\t')
})

test('a picture is no text', async () => {
  expect(await textOfFile(new Blob([new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13])]))).toBeNull()
  expect(await textOfFile(new Blob([new Uint8Array([0xff, 0xd8, 0xff, 0xff, 0x80])]))).toBeNull()
})

test('a spreadsheet may write Chinese in GB 18030', async () => {
  expect(await textOfFile(new Blob([new Uint8Array([0xd0, 0xd5, 0xc3, 0xfb])]))).toBe('姓名')
  expect(await textOfFile(new Blob(['姓名']))).toBe('姓名')
})

test('a file that is written can be read, and a spreadsheet runs nothing of it', () => {
  expect(csvOf([['name', 'link'], ['Ann "A", Adler', 'https://a.test/#code=1'], ['=1+1', '-2'], ['张三\n', '']])).toBe(
    'name,link\r\n"Ann ""A"", Adler",https://a.test/#code=1\r\n\'=1+1,\'-2\r\n"张三\n",\r\n',
  )
})
