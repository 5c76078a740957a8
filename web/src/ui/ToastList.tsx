import { Toast as Base } from '@base-ui/react/toast'
import { X } from 'lucide-react'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { cn } from '@/lib/cn'
import { IconButton } from './IconButton'
import { takeToasts, type ToastText } from './toast'

const manager = Base.createToastManager()

function show({ text, kind, action }: ToastText): void {
  manager.add({
    description: text,
    type: kind,
    timeout: action?.lasting ? 0 : kind === 'error' ? 8000 : 4000,
    priority: kind === 'error' ? 'high' : 'low',
    actionProps: action && { children: action.label, onClick: action.onClick },
  })
}

/** What was said lately; see toast.tsx. */
export default function ToastList() {
  const { t } = useTranslation('ui')
  useEffect(() => takeToasts(show), [])
  return (
    <Base.Provider toastManager={manager} limit={3}>
      <Base.Portal>
        <Base.Viewport aria-label={t('notifications')} className="fixed inset-x-4 bottom-4 z-50 flex flex-col items-center gap-2 sm:left-auto sm:w-96">
          <List />
        </Base.Viewport>
      </Base.Portal>
    </Base.Provider>
  )
}

function List() {
  const { t } = useTranslation('ui')
  const { toasts } = Base.useToastManager()
  return toasts.map((item) => (
    <Base.Root
      key={item.id}
      toast={item}
      className={cn(
        'flex w-full items-center gap-3 rounded-xl border border-line bg-raised py-2 pr-2 pl-4 shadow-lg transition data-ending-style:opacity-0 data-limited:hidden data-starting-style:opacity-0',
        item.type === 'error' && 'border-danger',
      )}
    >
      <Base.Description className="min-w-0 flex-1 break-words" />
      {item.actionProps && <Base.Action className="font-medium text-accent hover:underline" />}
      <Base.Close render={<IconButton icon={X} size="small" label={t('close')} tooltip={false} />} />
    </Base.Root>
  ))
}
