import { useCallback, useEffect, useRef, useState } from 'react'
import { useMediaAddress, useMediaAttempt } from '@/app/address'
import type { Message } from '@/state/model'
import { actions } from '@/state/store'

/**
 * An address for the message's file, and `renew` for when it no longer works. The
 * first address stays although history rows bring newer ones: a changed address
 * would load the same picture again.
 */
export function useFileAddress(message: Message): { url: string | undefined; renew: () => void; failed: boolean } {
  const [url, setUrl] = useState(message.localFile ?? message.file?.url)
  const [failed, setFailed] = useState(false)
  const tried = useRef(0)
  const asked = useRef(message)
  useEffect(() => {
    asked.current = message
  })

  const renew = useCallback(() => {
    if (tried.current >= 2 || asked.current.id === null) {
      setFailed(true)
      return
    }
    tried.current++
    actions()
      .fileAddress(asked.current)
      .then((next) => {
        setFailed(false)
        setUrl(next)
      })
      .catch(() => setFailed(true))
  }, [])

  // After a lost connection the file is loaded again.
  const attempt = useMediaAttempt()
  const attempted = useRef(attempt)
  useEffect(() => {
    if (attempted.current === attempt) return
    attempted.current = attempt
    if (tried.current === 0) return
    tried.current = 0
    // oxlint-disable-next-line react/set-state-in-effect -- without an address it asks for one, and the element is made anew
    setUrl(undefined)
  }, [attempt])

  const missing = !url && message.id !== null && !!message.file
  useEffect(() => {
    if (missing) renew()
  }, [missing, renew])

  const loaded = useMediaAddress(url)
  return { url: loaded, renew, failed: failed || (url !== undefined && loaded === undefined) }
}
