import { expect, test } from 'vitest'
import { isSafeAddress, linkTo, mediaAddress } from './address'

const here = 'https://chat.example'

test.each([
  ['https://tasks.example/7', { href: 'https://tasks.example/7', inside: false }],
  ['HTTP://tasks.example', { href: 'http://tasks.example/', inside: false }],
  ['https://chat.example/people/7?x=1', { href: '/people/7?x=1', inside: true }],
  ['/people/7', { href: '/people/7', inside: true }],
  ['/search?q=a//b/../%2F', { href: '/search?q=a//b/../%2F', inside: true }],
])('%s can be opened', (url, want) => {
  expect(isSafeAddress(url)).toBe(true)
  expect(linkTo(url, here)).toEqual(want)
})

// Links of every scheme were opened: programs and files of the reader's machine, or somebody else's program in this page.
test.each([
  '',
  'tasks.example/7',
  '//tasks.example/7',
  '/\\tasks.example',
  // Browsers read these as another path, or as //tasks.example.
  '/.//tasks.example',
  '/%2e//tasks.example',
  '/files/../x',
  '/%2E%2e/x',
  '/a//b',
  '/..%2fx',
  '/..%5Cx',
  '/%09/x',
  '/%zz',
  '\\\\host\\share',
  'http://',
  'https:tasks.example',
  'https://tasks.example@evil.example',
  'https://tasks.example\\@evil.example',
  'file:///etc/passwd',
  'ms-msdt:x',
  'intent://x#Intent;end',
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  'java\tscript:alert(1)',
  '\u200Bjavascript:alert(1)',
  '\u200Bhttps://tasks.example',
  'https://\u202Etasks.example',
  'https://tasks.example/\u3164',
  'javascript%3Aalert(1)',
  'https\uFF1A//tasks.example',
  'data:text/html,x',
  'blob:https://chat.example/x',
])('%j cannot', (url) => {
  expect(isSafeAddress(url)).toBe(false)
  expect(linkTo(url, here)).toBe(null)
})

const loads = (url: string, ...origins: string[]) => mediaAddress(url, origins, here) !== null

// A picture of another site told it who reads which message and when.
test('loads pictures of this server, and of the origins that the server names', () => {
  for (const own of ['/files/a?e=1&s=2', 'https://chat.example/avatars/a', 'blob:https://chat.example/1']) expect(mediaAddress(own, [], here)).toBe(own)
  for (const foreign of ['https://cdn.example/a.png', 'http://chat.example/a.png', 'https://chat.example:8443/a.png', 'blob:https://cdn.example/1', 'javascript:alert(1)', 'data:image/svg+xml,x'])
    expect(mediaAddress(foreign, [], here)).toBe(null)
  expect(loads('https://cdn.example/a.png', 'https://cdn.example')).toBe(true)
  expect(loads('https://cdn.example:8443/a.png', 'https://cdn.example')).toBe(false)
  expect(loads('http://cdn.example/a.png', 'https://cdn.example')).toBe(false)
  expect(loads('https://a.cdn.example/a.png', 'https://cdn.example')).toBe(false)
  expect(loads('https://a.cdn.example/a.png', 'https://other.example', 'https://*.cdn.example')).toBe(true)
  expect(loads('https://cdn.example/a.png', 'https://*.cdn.example')).toBe(false)
  expect(loads('https://evilcdn.example/a.png', 'https://*.cdn.example')).toBe(false)
  expect(loads('https://cdn.example/a.png', '*')).toBe(true)
  expect(loads('javascript:alert(1)', '*')).toBe(false)
})
