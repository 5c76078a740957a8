import { SmilePlus } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { cn } from '@/lib/cn'
import type { Message, Reaction } from '@/state/model'
import { actions } from '@/state/store'
import { toastError } from '@/ui/toast'
import { ReactionPicker } from './ReactionPicker'
import { useRowActions } from './context'

/** The emoji on a message, as buttons that put one's own there or remove it. */
export function Reactions({ message }: { message: Message }) {
  const { t } = useTranslation('message')
  const { canReact } = useRowActions()
  if (!message.reactions) return null
  return (
    <div role="group" aria-label={t('reactions')} className={cn('mt-1 flex flex-wrap gap-1', message.mine && 'justify-end')}>
      {message.reactions.map((reaction) => (
        <Chip key={reaction.emoji} message={message} reaction={reaction} disabled={!canReact} />
      ))}
      {canReact && <ReactionPicker message={message} icon={SmilePlus} className="h-7 w-7 rounded-full" />}
    </div>
  )
}

function Chip({ message, reaction, disabled }: { message: Message; reaction: Reaction; disabled: boolean }) {
  const { t } = useTranslation('message')
  const { emoji, count, mine, users } = reaction
  const names = users.map(({ name }) => name).join(t('report.comma'))
  const more = count - users.length
  const who = more > 0 ? t('reactedAndMore', { names, count: more }) : names
  const toggle = (event: React.MouseEvent<HTMLElement>): void => {
    // The button goes with the last reaction. The focus, if it is there, must not be lost with it.
    const row = event.currentTarget.closest<HTMLElement>('[data-message]')
    if (mine && count === 1 && event.currentTarget === document.activeElement) row?.focus()
    void actions().react(message, emoji, !mine).catch(toastError)
  }
  return (
    <button
      type="button"
      disabled={disabled}
      aria-pressed={mine}
      aria-label={t('reacted', { emoji, number: count, who })}
      title={who}
      // A click leaves the focus where it is.
      onMouseDown={(event) => event.preventDefault()}
      onClick={toggle}
      className={cn('flex h-7 items-center gap-1 rounded-full border px-2 text-sm tabular-nums', mine ? 'border-accent bg-selected' : 'border-line bg-ground enabled:hover:bg-hover')}
    >
      <span aria-hidden className="font-emoji">
        {emoji}
      </span>
      {count}
    </button>
  )
}
