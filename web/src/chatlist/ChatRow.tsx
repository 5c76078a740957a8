import { BellOff, CircleAlert, Clock, Pin, Vibrate } from 'lucide-react'
import { memo } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { pathOf } from '@/app/paths'
import { usePreferences } from '@/app/preferences'
import { cn } from '@/lib/cn'
import { refusal } from '@/lib/refusal'
import { fullTime, shortTime } from '@/lib/time'
import { useSlow } from '@/lib/useSlow'
import { AvailabilityDot } from '@/people/Availability'
import { useHasNamesake } from '@/people/namesakes'
import { NamesakeMark } from '@/people/NamesakeMark'
import { fileTransfer, type Chat, type ChatKey } from '@/state/model'
import { lastSending } from '@/state/outbox'
import { useStore } from '@/state/store'
import { Badge } from '@/ui/Badge'
import { ChatAvatar } from './ChatAvatar'
import { KindIcon } from './KindIcon'
import { previewOf } from './preview'
import { chatTitle, type Texts } from './useChatTitle'

/** Pixels; every row has this height, so that ten thousand of them need no measuring. */
export const rowHeight = 64

interface Props {
  chatKey: ChatKey
  open: boolean
  /** Draws the row anew when the day changes. */
  today: number
}

/** A line of the chat list. It reads its own chat from the store: the others stay as they are when that changes. */
export const ChatRow = memo(function ChatRow({ chatKey, open }: Props) {
  // Asked for once and handed on: it is the costliest part of a row while one scrolls.
  const { t, i18n } = useTranslation(['chatlist', 'inbox', 'shell', 'message'])
  const chat = useStore((s) => s.chats[chatKey])
  const namesake = useHasNamesake(chatKey)
  if (!chat) return null
  return (
    <Link
      href={pathOf(chatKey)}
      data-chat={chatKey}
      aria-current={open ? 'page' : undefined}
      draggable={false}
      className={cn(
        'flex h-full items-center gap-3 px-3 -outline-offset-2',
        open ? 'bg-selected' : chat.topAt > 0 ? 'bg-sunken hover:bg-hover' : 'hover:bg-hover',
        !chat.active && 'text-muted',
      )}
    >
      <span className="relative inline-flex">
        <ChatAvatar chat={chat} />
        {chat.ref.type === 1 && chat.ref.id !== fileTransfer && <AvailabilityDot id={chat.ref.id} />}
        <Corner chat={chat} t={t} />
      </span>
      <span className="flex min-w-0 flex-1 flex-col gap-0.5">
        <span className="flex items-baseline gap-2">
          <span dir="auto" className={cn('min-w-0 flex-1 truncate', chat.unread > 0 && !chat.muted && 'font-semibold')}>{chatTitle(chat, t)}{namesake && <NamesakeMark id={chat.ref.id} />}</span>
          {chat.at > 0 && (
            <time dateTime={new Date(chat.at).toISOString()} title={fullTime(chat.at, i18n.language)} className="shrink-0 text-xs text-muted">
              {shortTime(chat.at, i18n.language)}
            </time>
          )}
        </span>
        <span className="flex items-center gap-2 text-sm text-muted">
          <PreviewLine chat={chat} open={open} t={t} />
          {chat.left && <span className="shrink-0 rounded bg-sunken px-1 text-xs">{t(`gone.${chat.left}`)}</span>}
          {chat.muted && (
            <>
              <BellOff aria-hidden className="size-3.5 shrink-0" />
              <span className="sr-only">{t('muted')}</span>
            </>
          )}
          {chat.topAt > 0 && (
            <>
              <Pin aria-hidden className="size-3.5 shrink-0" />
              <span className="sr-only">{t('pinned')}</span>
            </>
          )}
        </span>
      </span>
    </Link>
  )
})

/** What is unread, at the corner of the picture: a figure, a shake, or a dot for what is counted apart. */
function Corner({ chat, t }: { chat: Chat; t: Texts }) {
  if (chat.unread > 0) {
    return (
      <Badge count={chat.unread} muted={chat.muted} label={t('unreadCount', { count: chat.unread })} className="absolute -top-1.5 -right-1.5 ring-2 ring-ground" />
    )
  }
  if (chat.shakenAt) {
    return (
      <span role="img" aria-label={t('shake')} className="absolute -top-1.5 -right-1.5 inline-flex size-[1.125rem] items-center justify-center rounded-full bg-badge text-white ring-2 ring-ground">
        <Vibrate aria-hidden className="size-3" />
      </span>
    )
  }
  if (chat.reaction) {
    const { emoji, by } = chat.reaction
    return (
      <span role="img" aria-label={t('reacted', { emoji, name: by.name })} className="absolute -top-1.5 -right-1.5 inline-flex size-[1.125rem] items-center justify-center rounded-full bg-raised font-emoji text-xs ring-2 ring-ground">
        {emoji}
      </span>
    )
  }
  if (chat.weakUnread > 0) {
    return <span role="img" aria-label={t('weakCount', { count: chat.weakUnread })} className="absolute -top-1 -right-1 size-2.5 rounded-full bg-badge ring-2 ring-ground" />
  }
  return null
}

function PreviewLine({ chat, open, t }: { chat: Chat; open: boolean; t: Texts }) {
  usePreferences((p) => p.formatting) // previewOf asks for it
  const draft = useStore((s) => s.drafts[chat.key]?.text ?? '')
  const me = useStore((s) => s.me?.id)
  const waiting = useStore((s) => lastSending(s.conversations[chat.key], 'waiting', 'uploading'))
  const failed = useStore((s) => lastSending(s.conversations[chat.key], 'failed'))
  // As in the conversation: what is sent at once has no mark.
  const slow = useSlow(waiting !== undefined, 400)
  // The mark of a refused message stays, but what was written later is shown.
  const unsent = slow ? waiting : failed && failed.at >= chat.at ? failed : undefined
  const { tag, by, kind, text } = previewOf(chat, draft, me, open, unsent)
  return (
    <span dir="auto" className="min-w-0 flex-1 truncate">
      {failed?.sending.state === 'failed' ? (
        <CircleAlert role="img" aria-label={t('message:failedBecause', { reason: refusal(failed.sending.reason) })} className="mr-1 inline size-3.5 align-[-0.125em] text-danger" />
      ) : (
        slow && tag !== 'draft' && <Clock role="img" aria-label={t('message:waiting')} className="mr-1 inline size-3.5 align-[-0.125em]" />
      )}
      {tag && (
        <span className="mr-1 text-danger">
          {tag === 'shake' && <Vibrate aria-hidden className="mr-1 inline size-3.5 align-[-0.125em]" />}
          {t(tag)}
        </span>
      )}
      {by && t('by', { name: by === 'me' ? t('me') : by.name })}
      {kind && <KindIcon kind={kind} />}
      {text || (kind && t(`kind.${kind}`))}
    </span>
  )
}
