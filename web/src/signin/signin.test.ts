import { expect, test } from 'vitest'
import { deviceName } from './device'
import { readFragment, takeFragment, typedCode } from './fragment'

test('a link hands over its code once', () => {
  history.replaceState(null, '', '/sign-in?x=1#code=ab%2Bc')
  expect(takeFragment()).toEqual({ code: 'ab+c' })
  expect(location.pathname + location.search + location.hash).toBe('/sign-in?x=1')
  expect(takeFragment()).toEqual({})
})

test('a provider hands over what went wrong', () => {
  expect(readFragment('#error=access+denied')).toEqual({ error: 'access denied' })
  expect(readFragment('')).toEqual({})
})

test('a code may be pasted with spaces or as its link', () => {
  expect(typedCode(' ABCD EFGH\n')).toBe('ABCDEFGH')
  expect(typedCode('http://127.0.0.1:8080/sign-in#code=ABCD')).toBe('ABCD')
})

test.each([
  ['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36', 'Chrome · Linux'],
  ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36 Edg/143.0.0.0', 'Edge · Windows'],
  ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15', 'Safari · macOS'],
  ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/143.0 Mobile/15E148 Safari/604.1', 'Chrome · iPhone'],
  ['Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0', 'Firefox · Android'],
  ['curl/8', ''],
])('%s is %s', (agent, want) => {
  expect(deviceName(agent)).toBe(want)
})
