// The way to what shows formatted texts. It is loaded when the first text with marks is shown; until then, and where it
// cannot be loaded, such a text is shown as it was typed.
import { useEffect, useState } from 'react'
import { create } from 'zustand'
import type { Message } from '@/state/model'
import { isMarked } from './marks'

export const useFormatter = create<{ loaded: typeof import('./format/Formatted') | null }>(() => ({ loaded: null }))

let loading: Promise<void> | undefined

/** Loads it once. After a failure the next text with marks tries again. */
export function loadFormatter(): Promise<void> {
  loading ??= load().catch(() => {
    loading = undefined
  })
  return loading
}

async function load(): Promise<void> {
  const loaded = await import('./format/Formatted')
  await loaded.loadOwnTexts()
  useFormatter.setState({ loaded })
}

// How long a conversation waits before its texts are shown as they were typed, milliseconds.
const patience = 1000

/** Whether a conversation can be shown: its formatted texts would change their heights a moment later. */
export function useFormatterFor(messages: readonly Message[]): boolean {
  const [ready, setReady] = useState(() => useFormatter.getState().loaded !== null || !messages.some((message) => isMarked(message.text)))
  useEffect(() => {
    if (ready) return
    const go = () => setReady(true)
    const timer = setTimeout(go, patience)
    void loadFormatter().then(go)
    return () => clearTimeout(timer)
  }, [ready])
  return ready
}
