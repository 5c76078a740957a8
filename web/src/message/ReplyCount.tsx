import { MessagesSquare } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { cn } from '@/lib/cn'
import { threadDraft, type Message } from '@/state/model'
import { useStore } from '@/state/store'
import { useRowActions } from './context'

/** Under a message: how many replies it has, and that an answer is being written. A click opens the thread. */
export function ReplyCount({ message, className }: { message: Message; className?: string }) {
  const { t } = useTranslation('message')
  const { run, thread } = useRowActions()
  const { id, chat, replies = 0 } = message
  const drafted = useStore((s) => id !== null && (s.drafts[threadDraft(chat, id)]?.text.trim() ?? '') !== '')
  if ((replies === 0 && !drafted) || id === thread) return null
  return (
    <button
      type="button"
      // A click leaves the focus where it is, until the thread takes it.
      onMouseDown={(event) => event.preventDefault()}
      onClick={() => run('thread', message)}
      className={cn('flex min-h-6 items-center gap-1 rounded text-sm font-medium text-accent hover:underline', className)}
    >
      <MessagesSquare aria-hidden className="size-4" />
      {replies > 0 && t('replies', { count: replies })}
      {drafted && <span className="text-danger">{t('drafted')}</span>}
    </button>
  )
}
