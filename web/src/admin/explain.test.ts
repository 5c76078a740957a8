import i18n from 'i18next'
import { beforeAll, expect, test } from 'vitest'
import { ApiError } from '@/api/http'
import en from '@/i18n/en/later/admin.json'
import enRefusal from '@/i18n/en/refusal.json'
import zh from '@/i18n/zh/later/admin.json'
import zhRefusal from '@/i18n/zh/refusal.json'
import { explainWith, refusal } from '@/lib/refusal'
import { backupFailures, explain, explainBackup, otherReasons } from './explain'
import { reasons as ofLines } from './importReasons'
import { reasons as ofSettings } from './settingReasons'

const [api] = Object.values(import.meta.glob<string>('../../../docs/openapi.yaml', { eager: true, import: 'default', query: '?raw' }))
const invalid = (name: string, code: string, params?: Record<string, string>): ApiError =>
  new ApiError(422, `invalid payload: ${name} in English`, { [name]: { message: 'in English', code, ...(params && { params }) } })

beforeAll(async () => {
  await i18n.init({ lng: 'zh', resources: { en: { admin: en, refusal: enRefusal }, zh: { admin: zh, refusal: zhRefusal } }, interpolation: { escapeValue: false } })
  explainWith(explain)
})

test('every reason of the server has a text', () => {
  const field = api!.slice(api!.indexOf('    ProblemField:\n'))
  const codes = [.../\n {8}code:\n[^]*?\n {10}enum:\n((?: {12}- \S+\n)+)/.exec(field)![1]!.matchAll(/- (\S+)/g)].map((m) => m[1]!)
  // Those of an invitation have texts on its page.
  const elsewhere = new Set<string>(['email-unverified', 'email-domain', ...ofSettings, ...ofLines])
  expect(codes.filter((code) => !elsewhere.has(code)).sort()).toEqual([...otherReasons].filter((code) => !elsewhere.has(code)).sort())
  for (const texts of [en, zh]) expect(otherReasons.filter((r) => !texts.refusals[r])).toEqual([])
})

// A confirm dialog in Chinese said "invalid payload: active must leave a way by which an owner can sign in".
test.each([
  ['zh', invalid('active', 'no-way'), zh.import.reasons['no-way']],
  ['zh', invalid('active', 'last-owner'), zh.import.reasons['last-owner']],
  ['zh', invalid('title', 'too-long', { most: '200' }), '职务最多 200 个字符。'],
  ['zh', invalid('email', 'form'), '邮箱：该值无效。'],
  ['zh', invalid('organization', 'form'), '该值无效。'],
  ['zh', invalid('password', 'too-short', { least: '10' }), '密码至少 10 个字符。'],
  ['zh', invalid('csv', 'unknown-column', { column: 'Shoe' }), '无法识别的列：“Shoe”。'],
  ['zh', new ApiError(503, 'the request took too long'), zhRefusal.serverFault],
  ['zh', new ApiError(403, 'forbidden'), zhRefusal.forbidden],
  ['en', invalid('account', 'guest'), en.refusals.guest],
  ['en', invalid('email', 'form'), 'The server does not accept this: email in English'],
])('in %s a refusal is said in words: %s', async (language, error, words) => {
  await i18n.changeLanguage(language)
  expect(refusal(error)).toBe(words)
})

test('every failure of a backup has a text', () => {
  const codes = [.../\n {8}failureCode:\n[^]*?\n {10}enum:\n((?: {12}- \S+\n)+)/.exec(api!)![1]!.matchAll(/- (\S+)/g)].map((m) => m[1]!)
  expect(codes.sort()).toEqual([...backupFailures].sort())
  for (const texts of [en, zh]) expect(backupFailures.filter((code) => !texts.storage.failures[code])).toEqual([])
})

// The pages Overview and Storage showed the English text of the server also in Chinese.
const failed = (failureCode?: (typeof backupFailures)[number]): string => explainBackup({ running: false, failedAt: 1, failure: 'in English', ...(failureCode && { failureCode }) })

test('the failure of a backup is said in the language of the reader', async () => {
  await i18n.changeLanguage('zh')
  expect([failed('disk-full'), failed('other'), failed()]).toEqual([zh.storage.failures['disk-full'], zh.storage.failures.other, zh.storage.failures.other])
  await i18n.changeLanguage('en')
  expect([failed('disk-full'), failed('other'), failed()]).toEqual([en.storage.failures['disk-full'], 'in English', 'in English'])
})
