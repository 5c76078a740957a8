import { CheckCheck } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { chatRef, type Message } from '@/state/model'
import { useStore } from '@/state/store'
import { useRowActions } from './context'

/** Whether a read mark stands beside the message. */
export const useIsMarked = ({ mine, mark, chat }: Message): boolean =>
  useStore((s) => s.me?.readMarks !== false) && mine && (mark?.of ?? 0) > 0 && (chatRef(chat).type === 2 || (mark?.read ?? 0) > 0)

/** Beside an own message: that it was read, or by how many of a group. */
export function ReadMark({ message }: { message: Message }) {
  const { t } = useTranslation('message')
  const { run } = useRowActions()
  const shown = useIsMarked(message)
  const { mark } = message
  if (!shown || !mark) return null
  const all = mark.read >= mark.of
  if (chatRef(message.chat).type !== 2) {
    return (
      <span className="flex items-center gap-0.5 text-xs whitespace-nowrap text-muted select-none">
        <CheckCheck aria-hidden className="size-3.5 text-accent" />
        {t('read')}
      </span>
    )
  }
  const label = t('readBy', { read: mark.read, of: mark.of })
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      // A click leaves the focus where it is.
      onMouseDown={(event) => event.preventDefault()}
      onClick={() => run('readers', message)}
      className="flex items-center gap-0.5 rounded text-xs whitespace-nowrap text-muted tabular-nums select-none hover:underline"
    >
      {all && <CheckCheck aria-hidden className="size-3.5 text-accent" />}
      {t('readOf', { read: mark.read, of: mark.of })}
    </button>
  )
}
