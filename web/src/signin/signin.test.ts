// @vitest-environment jsdom
import { expect, test } from 'vitest'
import { clearFragment, readFragment, typedCode } from './fragment'

test('a link hands over its code, and the address is left without it', () => {
  history.replaceState(null, '', '/sign-in?x=1#code=ab%2Bc')
  expect(readFragment(location.hash)).toEqual({ code: 'ab+c' })
  clearFragment()
  expect(location.pathname + location.search + location.hash).toBe('/sign-in?x=1')
})

test('a provider hands over what went wrong', () => {
  expect(readFragment('#error=access+denied')).toEqual({ error: 'access denied' })
  expect(readFragment('')).toEqual({})
})

test('a code may be pasted with spaces or as its link', () => {
  expect(typedCode(' ABCD EFGH\n')).toBe('ABCDEFGH')
  expect(typedCode('http://127.0.0.1:8080/sign-in#code=ABCD')).toBe('ABCD')
})
