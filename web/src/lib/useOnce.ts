import { useRef } from 'react'
import { waitingId } from './waiting-id'

/**
 * Asks the server for something that it does once for each key. A repetition of the same request after a failure has the
 * same key, because the first one may have arrived; after an answer the next request has a new one.
 */
export function useOnce(): <T>(request: unknown, ask: (key: string) => Promise<T>) => Promise<T> {
  const asked = useRef({ request: '', key: '' })
  return async (request, ask) => {
    const text = JSON.stringify(request)
    if (asked.current.request !== text || !asked.current.key) asked.current = { request: text, key: waitingId() }
    const answer = await ask(asked.current.key)
    asked.current = { request: '', key: '' }
    return answer
  }
}
