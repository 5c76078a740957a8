import { useCallback, useEffect, useRef, useState } from 'react'
import { useMediaAddress, useMediaAttempt } from '@/app/address'
import type { Message } from '@/state/model'
import { actions, useStore, type State } from '@/state/store'

interface FileAddress {
  /** undefined: there is none yet, or what it leads to could not be loaded. */
  url: string | undefined
  /** For when the address does not work. */
  renew: () => void
  /** For when the reader wants to try again. */
  again: () => void
  /** The file cannot be loaded although there is a connection. */
  failed: boolean
}

/**
 * An address for the message's file. The first address stays although history rows
 * bring newer ones: a changed address would load the same picture again. Without a
 * connection nothing fails; the file is loaded when there is one.
 */
export function useFileAddress(message: Message): FileAddress {
  const [url, setUrl] = useState(message.localFile ?? message.file?.url)
  const [failed, setFailed] = useState(false)
  const tried = useRef(0)
  const asked = useRef(message)
  const shown = useRef(url)
  useEffect(() => {
    asked.current = message
    shown.current = url
  })
  const away = useStore(isAway)

  const renew = useCallback(() => {
    if (tried.current >= 2 || asked.current.id === null || isAway(useStore.getState())) {
      tried.current = Math.max(tried.current, 1)
      setFailed(true)
      return
    }
    tried.current++
    actions()
      .fileAddress(asked.current)
      .then((next) => {
        // The same address again: it is the right one, and the file could not be loaded from it.
        setFailed(next === shown.current)
        setUrl(next)
      })
      .catch(() => setFailed(true))
  }, [])
  const again = useCallback(() => {
    tried.current = 0
    setFailed(false)
    setUrl(asked.current.localFile)
  }, [])

  // After a lost connection the file is loaded again.
  const attempt = useMediaAttempt()
  const attempted = useRef(attempt)
  useEffect(() => {
    if (attempted.current === attempt) return
    attempted.current = attempt
    if (tried.current === 0) return
    // oxlint-disable-next-line react/set-state-in-effect -- without an address it asks for one, and the element is made anew
    again()
  }, [attempt, again])

  const missing = !url && !failed && message.id !== null && !!message.file
  useEffect(() => {
    if (missing) renew()
  }, [missing, renew])

  const loaded = useMediaAddress(url)
  const missed = failed || (url !== undefined && loaded === undefined)
  return { url: missed ? undefined : loaded, renew, again, failed: missed && !away }
}

const isAway = ({ connection }: Pick<State, 'connection'>): boolean => connection === 'offline' || connection === 'connecting'
