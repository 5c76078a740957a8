import { Dialog as Base } from '@base-ui/react/dialog'
import { X } from 'lucide-react'
import { type ReactNode, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { cn } from '@/lib/cn'
import { previousFocus } from './focus'
import { IconButton } from './IconButton'

export interface DialogProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: string
  description?: string
  children: ReactNode
  /** Buttons, at the end; the last is the one that does it. */
  footer?: ReactNode
  /** Place and size on a wide screen. */
  className?: string
}

const middle = 'sm:top-1/2 sm:max-h-[85dvh] sm:w-[28rem] sm:-translate-y-1/2'

/** What is seen of a Dialog; loaded when the first one opens. */
export default function DialogWindow({ open, onOpenChange, title, description, children, footer, className = middle }: DialogProps) {
  const { t } = useTranslation('ui')
  const content = useRef<HTMLDivElement>(null)
  return (
    <Base.Root open={open} onOpenChange={onOpenChange}>
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-40 bg-black/50 transition-opacity data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <Base.Popup
          finalFocus={() => previousFocus()}
          // The first field gets the focus, except after a touch, where the keyboard would appear.
          initialFocus={(how) => (how === 'touch' ? true : (content.current?.querySelector<HTMLElement>('[role=combobox]') ?? content.current?.querySelector<HTMLElement>('input:not([hidden]), textarea') ?? true))}
          className={cn(
            'fixed z-40 flex flex-col bg-raised shadow-xl transition data-ending-style:opacity-0 data-starting-style:opacity-0',
            'inset-x-0 bottom-0 max-h-[92dvh] rounded-t-2xl pb-[env(safe-area-inset-bottom)]',
            'sm:inset-x-auto sm:bottom-auto sm:left-1/2 sm:-translate-x-1/2 sm:rounded-2xl sm:pb-0',
            className,
          )}
        >
          <header className="flex items-start gap-2 px-5 pt-4 pb-2">
            <div className="min-w-0 flex-1">
              <Base.Title className="text-lg font-semibold">{title}</Base.Title>
              {description && <Base.Description className="mt-1 text-sm text-muted">{description}</Base.Description>}
            </div>
            <Base.Close render={<IconButton icon={X} label={t('close')} tooltip={false} className="-mr-2" />} />
          </header>
          <div ref={content} className="min-h-0 flex-1 overflow-y-auto px-5 py-2">{children}</div>
          {footer && <footer className="flex justify-end gap-2 px-5 pt-2 pb-5">{footer}</footer>}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  )
}
