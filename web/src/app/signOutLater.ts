// Ends a session at the server after this device has forgotten it: the server could not be reached at that time.
import { knownConfig, serverConfig } from '@/api/config'
import { pause } from '@/api/http'
import { endSessionOf } from '@/api/signin'

const firstWait = 1000
const longestWait = 10_000

/** How long a sign-in waits for the end of earlier sessions at most, milliseconds. */
const patience = 2000

/** Attempts to end the sessions that are not ended yet. */
const pending = new Set<() => Promise<void>>()

/** Ends them now, before the page is left: the server has just answered. */
export async function endPendingSessions(): Promise<void> {
  if (pending.size > 0) await Promise.race([Promise.allSettled([...pending].map((end) => end())), pause(patience)])
}

/** Tries until the server has answered or the page is left. The token is in no storage, so a later page cannot go on. */
export async function signOutLater(token: string): Promise<void> {
  const done = new AbortController()
  const end = async (): Promise<void> => {
    const { app } = await serverConfig()
    if (!done.signal.aborted && (await endSessionOf(token, app))) done.abort()
  }
  pending.add(end)
  done.signal.addEventListener('abort', () => pending.delete(end))
  // The browser may lose the request of a page with a service worker when the page is gone.
  const leave = (): void => {
    const app = knownConfig()?.app
    if (app !== undefined) void endSessionOf(token, app).catch(() => undefined)
  }
  addEventListener('pagehide', leave, { signal: done.signal })
  for (let wait = firstWait; !done.signal.aborted; wait = Math.min(wait * 2, longestWait)) {
    try {
      await end()
    } catch {
      // The next attempt follows.
    }
    if (!done.signal.aborted) await pause(wait)
  }
}
