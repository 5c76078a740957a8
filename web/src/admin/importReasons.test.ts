import i18n from 'i18next'
import { beforeAll, expect, test } from 'vitest'
import en from '@/i18n/en/later/admin.json'
import zh from '@/i18n/zh/later/admin.json'
import { reasonOf, reasons } from './importReasons'

const [api] = Object.values(import.meta.glob<string>('../../../docs/openapi.yaml', { eager: true, import: 'default', query: '?raw' }))

beforeAll(() => i18n.init({ resources: { en: { admin: en }, zh: { admin: zh } }, ns: ['admin'], defaultNS: 'admin', interpolation: { escapeValue: false } }))

test('every reason of the server has a text', () => {
  const line = api!.slice(api!.indexOf('    AdminImportLine:\n'))
  const codes = [.../\n {8}code:\n[^]*?\n {10}enum:\n((?: {12}- \S+\n)+)/.exec(line)![1]!.matchAll(/- (\S+)/g)].map((m) => m[1]!)
  expect(codes).toContain('own-account')
  expect([...reasons, 'other'].sort()).toEqual(codes.sort())
  for (const texts of [en, zh]) expect(reasons.filter((r) => !texts.import.reasons[r])).toEqual([])
})

// The reasons were in English for every reader.
test.each([
  ['en', 'Title: at most 200 characters.', 'An e-mail address or an id is missing.', 'Role: this value is not accepted.'],
  ['zh', '职务最多 200 个字符。', '缺少邮箱或 id。', '角色：该值无效。'],
])('a reason in %s names the field', (language, long, missing, form) => {
  const t = i18n.getFixedT(language, 'admin')
  expect(reasonOf(t, { code: 'too-long', field: 'title', params: { most: '200' }, problem: 'x' })).toBe(long)
  expect(reasonOf(t, { code: 'required', field: 'email', problem: 'x' })).toBe(missing)
  expect(reasonOf(t, { code: 'form', field: 'role', problem: 'x' })).toBe(form)
  expect(reasonOf(t, { code: 'other', problem: 'something new' })).toBe('something new')
})
