import { afterEach, expect, test, vi } from 'vitest'

afterEach(() => {
  vi.unstubAllEnvs()
  vi.resetModules()
})

/** The module as it is when its code lies in src/, or below a path: the folder above its own is the base. */
const load = async (built: boolean): Promise<typeof import('./base')> => {
  vi.stubEnv('PROD', built)
  vi.resetModules()
  return import('./base')
}

test('at the root of a host nothing is added', async () => {
  const { base, serverAddress, withBase, withoutBase } = await load(false)
  expect(base).toBe('')
  expect(withBase('/people')).toBe('/people')
  expect(withoutBase('/people/x')).toBe('/people/x')
  expect(withoutBase('/')).toBe('/')
  expect(serverAddress('/avatars/a.jpg')).toBe('/avatars/a.jpg')
})

test('below a path that path is added and taken away', async () => {
  const { base, serverAddress, withBase, withoutBase } = await load(true)
  expect(base).toMatch(/^\/.+[^/]$/)
  expect(withBase('/people')).toBe(`${base}/people`)
  expect(withoutBase(`${base}/people/x`)).toBe('/people/x')
  expect(withoutBase(base)).toBe('/')
  expect(withoutBase(`${base}/`)).toBe('/')
  // Another path that begins with the same letters is outside.
  expect(withoutBase(`${base}er/people`)).toBeNull()
  expect(withoutBase('/people')).toBeNull()
  expect(serverAddress('/avatars/a.jpg')).toBe(`${base}/avatars/a.jpg`)
  expect(serverAddress('https://www.example.test/a.jpg')).toBe('https://www.example.test/a.jpg')
  expect(serverAddress('//www.example.test/a.jpg')).toBe('//www.example.test/a.jpg')
  expect(serverAddress('')).toBe('')
})
