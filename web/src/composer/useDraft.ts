import { useCallback, useEffect, useRef, useState } from 'react'
import type { ChatKey } from '@/state/model'
import { actions, useStore } from '@/state/store'

const quiet = 300

/**
 * The text in the field. It is kept as the chat's draft a moment after the last key,
 * so that typing touches nothing else on the page; a draft that comes from another
 * tab is taken over as long as nobody types here.
 */
export function useDraft(chat: ChatKey): [string, (text: string) => void] {
  const [text, setText] = useState(() => useStore.getState().drafts[chat] ?? '')
  const latest = useRef(text)
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null)

  const keep = useCallback(() => {
    if (timer.current === null) return
    clearTimeout(timer.current)
    timer.current = null
    actions().setDraft(chat, latest.current)
  }, [chat])

  const change = useCallback(
    (next: string) => {
      latest.current = next
      setText(next)
      if (timer.current !== null) clearTimeout(timer.current)
      timer.current = setTimeout(keep, next === '' ? 0 : quiet)
    },
    [keep],
  )

  const draft = useStore((s) => s.drafts[chat] ?? '')
  useEffect(() => {
    if (timer.current !== null || draft === latest.current) return
    latest.current = draft
    setText(draft)
  }, [draft])

  useEffect(() => {
    addEventListener('pagehide', keep)
    return () => {
      removeEventListener('pagehide', keep)
      // Signing out takes the actions away before the page.
      try {
        keep()
      } catch {
        timer.current = null
      }
    }
  }, [keep])
  return [text, change]
}
