// Ends a session at the server after this device has forgotten it: the server could not be reached at that time.
import { knownConfig, serverConfig } from '@/api/config'
import { pause } from '@/api/http'
import { endSessionOf } from '@/api/signin'

const firstWait = 1000
const longestWait = 10_000

/** Tries until the server has answered or the page is left. The token is in no storage, so a later page cannot go on. */
export async function signOutLater(token: string): Promise<void> {
  const done = new AbortController()
  // A sign-in loads the page anew as soon as the server is back, which may be before the next attempt.
  const leave = (): void => {
    const app = knownConfig()?.app
    if (app !== undefined) void endSessionOf(token, app).catch(() => undefined)
  }
  addEventListener('pagehide', leave, { signal: done.signal })
  for (let wait = firstWait; !done.signal.aborted; wait = Math.min(wait * 2, longestWait)) {
    try {
      const { app } = await serverConfig()
      if (await endSessionOf(token, app)) done.abort()
      else await pause(wait)
    } catch {
      await pause(wait)
    }
  }
}
