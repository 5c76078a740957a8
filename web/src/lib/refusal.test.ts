import i18next from 'i18next'
import { beforeAll, expect, test } from 'vitest'
import en from '@/i18n/en/refusal.json'
import contract from '../../../internal/chat/testdata/errors.golden?raw'
import { refusal, textOf } from './refusal'

beforeAll(() => i18next.init({ lng: 'en', resources: { en: { refusal: en } }, interpolation: { escapeValue: false } }))

test('the refusals that people meet are said in their words', () => {
  expect(refusal(new Error('not my contract'))).toBe(en.notContact)
  expect(refusal('ban speak')).toBe(en.banSpeak)
  expect(refusal(new Error('invalid payload: name is too long'))).toBe('The server does not accept this: name is too long')
  expect(refusal(new Error('something new'))).toBe('This did not work: something new')
  expect(refusal(new TypeError('Failed to fetch'))).toBe(en.offline)
  expect(refusal(undefined)).toBe(en.serverFault)
})

// A chat that was opened without a connection said "Failed to fetch", in whatever language.
test('what state remembers of an error is said in the same words', () => {
  for (const error of [new TypeError('Failed to fetch'), new Error('ban speak'), new Error('something new')]) expect(refusal(textOf(error))).toBe(refusal(error))
})

test('no text of the contract is shown as it is, but for what only programs hear', () => {
  const texts = contract.split('\n').flatMap((line) => /^Err\w+ +(.*)$/.exec(line)?.[1] ?? [])
  expect(texts).toContain('removeit')
  expect(texts.filter((text) => refusal(text).includes(text)).sort()).toEqual([
    'app required',
    'credentials disagree',
    'invalid app',
    'invalid app: only an application of kind server calls the host API',
    'the main organization cannot be deleted',
    'unknown event',
  ])
})
