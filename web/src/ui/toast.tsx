import { CircleAlert, X } from 'lucide-react'
import { useEffect, useState, type FocusEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { create } from 'zustand'
import { cn } from '@/lib/cn'
import { refusal } from '@/lib/refusal'
import { IconButton } from './IconButton'

type Kind = 'info' | 'success' | 'error'

interface Action {
  label: string
  onClick: () => void
  /** Stays until it is answered or closed. */
  lasting?: boolean
}

interface Toast {
  id: number
  text: string
  kind: Kind
  action: Action | undefined
}

/** How many are shown at once, and for how long, in milliseconds. */
const most = 3
const shownFor = { info: 4000, success: 4000, error: 8000 }

const useToasts = create<{ toasts: readonly Toast[] }>()(() => ({ toasts: [] }))
let lastId = 0

/** Says something for a few seconds. An error stays longer and is read aloud at once. */
export function toast(text: string, kind: Kind = 'info', action?: Action): void {
  useToasts.setState(({ toasts }) => ({ toasts: [...toasts, { id: ++lastId, text, kind, action }].slice(-most) }))
}

/** Says what went wrong, whatever was thrown. */
export function toastError(error: unknown): void {
  toast(refusal(error), 'error')
}

const close = (id: number): void => useToasts.setState(({ toasts }) => ({ toasts: toasts.filter((one) => one.id !== id) }))

/**
 * The place where toasts appear; once, at the root. It is below the header of the page, where it covers neither the
 * composer nor the newest message. It is there before there is anything to say: otherwise some screen readers miss the first.
 */
export function Toasts() {
  const { t } = useTranslation('ui')
  const toasts = useToasts((s) => s.toasts)
  return (
    <div
      role="region"
      aria-label={t('notifications')}
      aria-live="polite"
      data-region={toasts.length > 0 ? '' : undefined}
      className="pointer-events-none fixed inset-x-4 top-16 z-50 flex flex-col items-center gap-2 sm:left-auto sm:w-96 sm:items-end"
    >
      {toasts.map((one) => (
        <Item key={one.id} toast={one} />
      ))}
    </div>
  )
}

function Item({ toast: { id, text, kind, action } }: { toast: Toast }) {
  const { t } = useTranslation('ui')
  // Nothing disappears from under the pointer or the focus.
  const [held, setHeld] = useState(false)
  useEffect(() => {
    if (held || action?.lasting) return
    const timer = setTimeout(close, shownFor[kind], id)
    return () => clearTimeout(timer)
  }, [held, action, kind, id])
  return (
    <div
      role={kind === 'error' ? 'alert' : undefined}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={(e: FocusEvent) => setHeld(e.currentTarget.contains(e.relatedTarget))}
      className={cn(
        'pointer-events-auto flex max-w-full items-center gap-3 rounded-xl border bg-raised py-2 pr-2 pl-4 shadow-lg transition-opacity starting:opacity-0',
        kind === 'error' ? 'border-danger' : 'border-line',
      )}
    >
      {kind === 'error' && <CircleAlert aria-hidden className="size-5 shrink-0 text-danger" />}
      <p className="min-w-0 flex-1 break-words">{text}</p>
      {action && (
        <button
          type="button"
          className="font-medium text-accent hover:underline"
          onClick={() => {
            close(id)
            action.onClick()
          }}
        >
          {action.label}
        </button>
      )}
      <IconButton icon={X} size="small" label={t('close')} tooltip={false} onClick={() => close(id)} />
    </div>
  )
}
