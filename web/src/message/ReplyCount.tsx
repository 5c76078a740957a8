import { MessagesSquare } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { cn } from '@/lib/cn'
import type { Message } from '@/state/model'
import { useRowActions } from './context'

/** Under a message, how many replies it has. A click opens them. */
export function ReplyCount({ message, className }: { message: Message; className?: string }) {
  const { t } = useTranslation('message')
  const { run } = useRowActions()
  if (!message.replies) return null
  return (
    <button
      type="button"
      // A click leaves the focus where it is, until the thread takes it.
      onMouseDown={(event) => event.preventDefault()}
      onClick={() => run('thread', message)}
      className={cn('flex min-h-6 items-center gap-1 rounded text-sm font-medium text-accent hover:underline', className)}
    >
      <MessagesSquare aria-hidden className="size-4" />
      {t('replies', { count: message.replies })}
    </button>
  )
}
