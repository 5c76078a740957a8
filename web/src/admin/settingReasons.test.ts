import { expect, test } from 'vitest'
import { reasons } from './settingReasons'

interface Texts { options: { reasons: Record<string, string>; forms: Record<string, string> } }
const texts = import.meta.glob<Texts>('../i18n/*/later/admin.json', { eager: true, import: 'default' })
const [api] = Object.values(import.meta.glob<string>('../../../docs/openapi.yaml', { eager: true, import: 'default', query: '?raw' }))

/** The entries of the list that follows the first occurrence of a text in the description of the API. */
const listAfter = (text: string, list: RegExp): string[] => {
  const after = api!.slice(api!.indexOf(text))
  return [...list.exec(after)![1]!.matchAll(/- (\S+)/g)].map((m) => m[1]!)
}

test('every reason of the server has a text', () => {
  const codes = listAfter('    ProblemField:\n', /\n {8}code:\n[^]*?\n {10}enum:\n((?: {12}- \S+\n)+)/)
  expect(codes).toContain('too-small')
  expect(reasons.filter((reason) => !codes.includes(reason))).toEqual([])
})

test.each(Object.entries(texts))('%s has a text for every reason and for every type of a value', (_, { options: o }) => {
  const types = listAfter('Form of the value, which is always a text', /\n {10}enum:\n((?: {12}- \S+\n)+)/)
  expect(types).toContain('duration')
  expect(types.filter((type) => !o.forms[type])).toEqual([])
  expect(reasons.filter((r) => r !== 'form' && !o.reasons[r])).toEqual([])
})
