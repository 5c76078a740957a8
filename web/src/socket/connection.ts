// One connection to the server: typed requests with error-first acknowledgements, typed pushes. What is said and why
// is the session's.
import { io, type Socket } from 'socket.io-client'
import type { LoginRefusal, Pushes, Requests } from '@/wire/wire.gen'

/** Why a request was not done; `message` is the server's text, or "offline" where none came. */
export class SocketError extends Error {
  override readonly name = 'SocketError'
}

/** The text of a request that got no answer: it may have been done all the same. */
export const offline = 'offline'

interface ConnectionEvents {
  connected(): void
  /**
   * It was lost, or did not come about. When the next attempt begins in Unix milliseconds; null: now. `pageRefused`: the
   * server answers, and does not let pages of this page's origin connect.
   */
  lost(retryAt: number | null, pageRefused: boolean): void
  /** The token is not good, or no longer; nothing is tried any more. */
  refused(text: string): void
  push<E extends keyof Pushes>(event: E, payload: Pushes[E]): void
}

export interface Connection {
  request<E extends keyof Requests>(event: E, payload: Requests[E]['payload'], timeout?: number): Promise<Requests[E]['result']>
  readonly connected: boolean
  /** Begins the next attempt now. */
  reconnect(): void
  close(): void
}

// Refusals that no later attempt can change.
const final: readonly string[] = [
  'token required',
  'invalid token',
  'token expired',
  'app required',
  'invalid app',
  'credentials disagree',
] satisfies LoginRefusal[]

const firstWait = 500
const longestWait = 20_000
const ackTimeout = 15_000
const inBrowser = typeof window !== 'undefined'

/** How long the server may take to say whether it refuses the page, milliseconds. */
const reasonTimeout = 5000

/**
 * Reports whether the server refuses the origin of this page. To a WebSocket that looks the same as a lost line. The
 * request opens nothing: it is a POST because browsers name the origin in one, and in no GET of the same origin.
 */
async function refusesPage({ url, path }: { url: string; path: string }): Promise<boolean> {
  try {
    const at = new URL(path, url)
    at.search = '?EIO=4&transport=polling'
    const answer = await fetch(at, { method: 'POST', credentials: 'omit', cache: 'no-store', signal: AbortSignal.timeout(reasonTimeout) })
    const told = (await answer.json()) as { code?: number }
    return answer.status === 403 && told.code === 4
  } catch {
    return false
  }
}

export function connect(address: { url: string; path: string; token: string; app: string }, events: ConnectionEvents): Connection {
  const socket: Socket = io(address.url, {
    path: address.path,
    // Not in the address, where logs would keep it.
    auth: { token: address.token, app: address.app },
    transports: ['websocket', 'polling'],
    // A network that lets no WebSocket through is asked by polling in the same attempt.
    tryAllTransports: true,
    timeout: 10_000,
    // The session shows when the next attempt begins, so it is timed here.
    reconnection: false,
    autoConnect: false,
    forceNew: true,
  })
  let failures = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let closed = false
  let pageRefused = false
  let retryAt: number | null = null

  const attempt = (): void => {
    clearTimeout(timer)
    timer = undefined
    if (closed || socket.connected) return
    retryAt = null
    events.lost(null, pageRefused)
    socket.connect()
  }
  const later = (): void => {
    if (closed) return
    clearTimeout(timer)
    // Half of it is chance, so that a server that comes back is not asked by everybody at once.
    const wait = Math.min(firstWait * 2 ** failures++, longestWait) * (0.5 + Math.random() / 2)
    timer = setTimeout(attempt, wait)
    retryAt = Date.now() + wait
    events.lost(retryAt, pageRefused)
  }
  const findReason = async (): Promise<void> => {
    const refused = await refusesPage(address)
    if (closed || socket.connected || refused === pageRefused) return
    pageRefused = refused
    events.lost(retryAt, pageRefused)
  }
  const close = (): void => {
    closed = true
    clearTimeout(timer)
    if (inBrowser) removeEventListener('online', attempt)
    socket.disconnect()
  }

  socket.on('connect', () => {
    failures = 0
    pageRefused = false
    events.connected()
  })
  socket.on('connect_error', (error) => {
    socket.disconnect()
    if (final.includes(error.message)) events.refused(error.message)
    else {
      later()
      void findReason()
    }
  })
  socket.on('disconnect', later)
  socket.onAny((event: string, payload: unknown) => events.push(event as keyof Pushes, payload as never))
  // The browser knows that the network is back before the timer does.
  if (inBrowser) addEventListener('online', attempt)
  attempt()

  return {
    get connected() {
      return socket.connected
    },
    request(event, payload, timeout = ackTimeout) {
      if (!socket.connected) return Promise.reject(new SocketError(offline))
      return new Promise((resolve, reject) => {
        socket.timeout(timeout).emit(event, payload, (lost: Error | null, refusal: false | { error: string }, result: never) => {
          if (lost) reject(new SocketError(offline))
          else if (refusal) reject(new SocketError(refusal.error))
          else resolve(result)
        })
      })
    },
    reconnect: attempt,
    close,
  }
}
