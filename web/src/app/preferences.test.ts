// @vitest-environment jsdom
import { expect, test } from 'vitest'
import { initialPreferences, readPreferences } from './preferences'

test('nothing kept, or nothing that makes sense, is the defaults', () => {
  for (const kept of [null, '', '{', '7', 'null', '[]', '{"theme":"pink","sound":"no","quiet":7,"listWidth":"wide"}']) {
    expect(readPreferences(kept)).toEqual(initialPreferences)
  }
})

test('what makes sense is taken, the rest is not', () => {
  const got = readPreferences('{"theme":"dark","sound":false,"quiet":{"on":true,"from":"25:00","until":"07:30"},"listWidth":9999,"later":1}')
  expect(got).toEqual({ ...initialPreferences, theme: 'dark', sound: false, quiet: { on: true, from: '22:00', until: '07:30' }, listWidth: 480 })
})
