import { expect, test } from 'vitest'
import en from '@/i18n/en/later/admin.json'
import { usedTexts } from './used'

test('a system that only reads is not called unused', () => {
  expect(usedTexts('server').never).toBe('applications.neverChanged')
  expect(en.applications.neverChanged).toBe('No change yet')
  expect(usedTexts('web').never).toBe('sessions.neverUsed')
})
