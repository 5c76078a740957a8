import { lazy, Suspense, useEffect, useState } from 'react'
import { refusal } from '@/lib/refusal'

const ToastList = lazy(() => import('./ToastList'))

type Kind = 'info' | 'success' | 'error'

interface Action {
  label: string
  onClick: () => void
  /** Stays until it is answered or closed. */
  lasting?: boolean
}

export interface ToastText {
  text: string
  kind: Kind
  action: Action | undefined
}

let waiting: ToastText[] = []
let deliver: ((toast: ToastText) => void) | null = null

/** Says something for a few seconds. An error stays longer and is read aloud at once. */
export function toast(text: string, kind: Kind = 'info', action?: Action): void {
  const said = { text, kind, action }
  if (deliver) deliver(said)
  else waiting.push(said)
}

/** Says what went wrong, whatever was thrown. */
export function toastError(error: unknown): void {
  toast(refusal(error), 'error')
}

/** Takes what was said so far and what will be said; called by the list once it is there. */
export function takeToasts(to: (toast: ToastText) => void): () => void {
  deliver = to
  for (const said of waiting) to(said)
  waiting = []
  return () => {
    deliver = null
  }
}

/** The place where toasts appear; once, at the root. It is loaded after everything else, but before there is anything to say. */
export function Toasts() {
  const [ready, setReady] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setReady(true), 0)
    return () => clearTimeout(timer)
  }, [])
  return (
    ready && (
      <Suspense>
        <ToastList />
      </Suspense>
    )
  )
}
