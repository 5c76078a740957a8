import { afterEach, describe, expect, it, vi } from 'vitest'
import { ApiError, authorize, request } from './http'

const answer = (status: number, body?: unknown, headers: Record<string, string> = {}): Response =>
  new Response(body === undefined ? null : JSON.stringify(body), { status, headers })

const session = { token: 't', server: () => Promise.resolve({ app: 'a', historyPath: '/history' }) }

/** The network: what each request is answered with, in order. */
function network(...answers: (Response | Error)[]): ReturnType<typeof vi.fn> {
  const fetch = vi.fn(() => {
    const next = answers.shift() ?? new Error('nothing more to say')
    return next instanceof Error ? Promise.reject(next) : Promise.resolve(next)
  })
  vi.stubGlobal('fetch', fetch)
  vi.useFakeTimers()
  return fetch
}

/** Lets time pass until it is settled. */
async function settled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined)
  await vi.runAllTimersAsync()
  return promise
}

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
  authorize(null)
})

describe('a request', () => {
  it('carries token, application, query and body', async () => {
    const fetch = network(answer(200, { ok: true }))
    authorize(session)
    await settled(request('POST', '/api/x', { query: { one: 1, list: ['a', 'b'], none: undefined }, body: { n: 1 } }))
    expect(fetch).toHaveBeenCalledWith(
      '/api/x?one=1&list=a&list=b',
      expect.objectContaining({ method: 'POST', body: '{"n":1}', headers: { Authorization: 'Bearer t', App: 'a', 'Content-Type': 'application/json' } }),
    )
  })

  it('rejects with the words of the server, field by field', async () => {
    network(answer(422, { detail: 'invalid payload: name is required', errors: [{ location: 'body.name', message: 'is required' }] }))
    const error = await settled(request('POST', '/api/x')).catch((e: unknown) => e)
    expect(error).toBeInstanceOf(ApiError)
    expect(error).toMatchObject({ status: 422, message: 'invalid payload: name is required', fields: { name: { location: 'body.name', message: 'is required' } } })
  })

  it('is asked again while the network is away, when asking again is harmless', async () => {
    const away = new TypeError('failed to fetch')
    const fetch = network(away, away, answer(200, 1))
    expect(await settled(request('GET', '/x'))).toBe(1)
    expect(fetch).toHaveBeenCalledTimes(3)
    const once = network(away, answer(200, 1))
    await expect(settled(request('POST', '/x'))).rejects.toBe(away)
    expect(once).toHaveBeenCalledTimes(1)
    const own = network(away, answer(200, 1))
    await expect(settled(request('GET', '/x', { once: true }))).rejects.toBe(away)
    expect(own).toHaveBeenCalledTimes(1)
  })

  it('waits as long as the server says when it was too much', async () => {
    const fetch = network(answer(429, { error: 'too many requests' }, { 'Retry-After': '2' }), answer(200, 1))
    const done = request('POST', '/x')
    await vi.advanceTimersByTimeAsync(1900)
    expect(fetch).toHaveBeenCalledTimes(1)
    expect(await settled(done)).toBe(1)
  })

  it('says when the token is no longer good', async () => {
    network(answer(401, { error: 'invalid token' }))
    const refused = vi.fn()
    authorize(session, refused)
    await expect(settled(request('GET', '/x'))).rejects.toMatchObject({ status: 401 })
    expect(refused).toHaveBeenCalledOnce()
  })

  // The history needs the application. A request that left without it was refused, and the refusal signed the account out.
  it('waits until the application is known, unless it is anonymous', async () => {
    const fetch = network(answer(200, 'config'), answer(200, 'messages'))
    let know!: (server: { app: string; historyPath: string }) => void
    const server = new Promise<{ app: string; historyPath: string }>((resolve) => (know = resolve))
    authorize({ token: 't', server: () => server })
    const messages = request('GET', 'messages')
    expect(await settled(request('GET', '/api/config', { anonymous: true }))).toBe('config')
    expect(fetch).toHaveBeenCalledExactlyOnceWith('/api/config', expect.objectContaining({ headers: {} }))
    know({ app: 'a', historyPath: '/history' })
    expect(await settled(messages)).toBe('messages')
    expect(fetch).toHaveBeenLastCalledWith('/history/messages', expect.objectContaining({ headers: { Authorization: 'Bearer t', App: 'a' } }))
  })

  it('is rejected when the server cannot be reached to name them', async () => {
    authorize({ token: 't', server: () => Promise.reject(new TypeError('no answer')) })
    await expect(request('GET', '/x')).rejects.toThrow('no answer')
  })

  it.each([
    ['app required', { error: 'app required' }],
    ['credentials disagree', { error: 'credentials disagree' }],
    ['nothing that the server says', undefined],
  ])('does not end the session when a 401 says %s', async (_, body) => {
    network(answer(401, body))
    const refused = vi.fn()
    authorize(session, refused)
    await expect(settled(request('GET', '/x'))).rejects.toMatchObject({ status: 401 })
    expect(refused).not.toHaveBeenCalled()
  })

  it('does not end a later session', async () => {
    network(answer(401, { error: 'invalid token' }))
    const refused = vi.fn()
    authorize(session)
    const done = request('GET', '/x')
    authorize({ ...session, token: 'later' }, refused)
    await expect(settled(done)).rejects.toMatchObject({ status: 401 })
    expect(refused).not.toHaveBeenCalled()
  })

  it('can be called off while it waits', async () => {
    network(new TypeError('failed to fetch'), answer(200, 1))
    const stop = new AbortController()
    const done = request('GET', '/x', { signal: stop.signal })
    done.catch(() => undefined)
    await vi.advanceTimersByTimeAsync(1)
    stop.abort(new Error('enough'))
    await expect(done).rejects.toThrow('enough')
  })
})
