import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { refreshConfig } from '@/api/config'
import { useStore } from '@/state/store'

/** How long a page that is looked at goes on with what the server has said about itself. */
const pause = 60_000

/** Asks the server for its name and limits from time to time, and when somebody comes back to the page: an administrator may change them. */
export function useFreshConfig(): void {
  const client = useQueryClient()
  const online = useStore((s) => s.connection === 'online')
  useEffect(() => {
    if (!online) return
    const again = (): void => {
      // Without an answer, the next time is early enough.
      if (document.visibilityState === 'visible') refreshConfig(client).catch(() => undefined)
    }
    again()
    const timer = setInterval(again, pause)
    addEventListener('focus', again)
    return () => {
      clearInterval(timer)
      removeEventListener('focus', again)
    }
  }, [client, online])
}
