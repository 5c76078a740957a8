import { memo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { cn } from '@/lib/cn'
import { clock, fullTime } from '@/lib/time'
import { chatRef, type Message } from '@/state/model'
import { useStore } from '@/state/store'
import { Avatar } from '@/ui/Avatar'
import { Album } from './Album'
import { Bubble } from './Bubble'
import { SystemLine, WithdrawnLine } from './NoticeLine'
import { Reactions } from './Reactions'
import { ReadMark, useIsMarked } from './ReadMark'
import { ReplyCount } from './ReplyCount'
import { FailedLine, SendingMark } from './SendingMark'
import { callsMe } from './text'
import { Toolbar } from './Toolbar'

interface Props {
  message: Message
  /** Pictures that stand together; the message is the last of them. */
  album?: readonly Message[] | undefined
  /** First and last of a run of one person's messages. */
  head: boolean
  tail: boolean
  /** Selected with the keyboard. */
  selected: boolean
  /** Jumped to: lit up for a moment. */
  lit: boolean
}

/** One message of a conversation: others' on the left with their picture, one's own on the right. */
export const MessageRow = memo(function MessageRow({ message, album, head, tail, selected, lit }: Props) {
  if (message.kind === 'system') return <SystemLine message={message} lit={lit} selected={selected} />
  if (message.withdrawn) return <WithdrawnLine message={message} lit={lit} selected={selected} />
  return <SpokenRow message={message} album={album} head={head} tail={tail} selected={selected} lit={lit} />
})

function SpokenRow({ message, album, head, tail, selected, lit }: Props) {
  const { i18n } = useTranslation('message')
  const [hovered, setHovered] = useState(false)
  const [menuOpen, setMenuOpen] = useState(false)
  const myName = useStore((s) => s.me?.name ?? '')
  const { mine } = message
  // On a phone one knows who the other one is.
  const person = chatRef(message.chat).type === 1
  const called = !mine && callsMe(message.text, myName)
  const busy = hovered || menuOpen || selected
  // Beside an own bubble stands its time, how far it has been sent, or who has read it.
  const hasReadMark = useIsMarked(message)
  const marked = !head || message.sending.state !== 'sent' || hasReadMark
  return (
    <div
      // Each picture of an album has these of its own.
      data-message={album ? undefined : message.key}
      data-selected={(!album && selected) || undefined}
      data-called={called || undefined}
      tabIndex={-1}
      // While the button is down, something may be being selected. The toolbar would stand in the way of the pointer, and end the
      // selection before the text.
      onPointerEnter={(event) => event.pointerType === 'mouse' && event.buttons === 0 && setHovered(true)}
      onPointerDown={(event) => event.button === 0 && !(event.target as Element).closest('[role=toolbar]') && setHovered(false)}
      onPointerUp={(event) => event.pointerType === 'mouse' && setHovered(true)}
      onPointerLeave={() => setHovered(false)}
      className={cn(
        'relative px-4 pb-0.5 outline-none',
        head ? 'pt-3' : 'pt-0.5',
        called && 'before:absolute before:inset-y-1 before:left-0 before:w-1 before:rounded-r before:bg-warning',
        selected && !album && 'bg-hover ring-2 ring-accent ring-inset',
        lit && 'animate-lit',
      )}
    >
      <div className={cn('mx-auto flex max-w-[64rem] gap-2', mine && 'flex-row-reverse')}>
        {!mine && (
          <div className={cn('w-10 shrink-0', person && 'max-sm:hidden')}>
            {head ? <Sender message={message} /> : hovered && <HoverTime at={message.at} className="block pt-2.5 text-center" />}
          </div>
        )}
        {/* In a wide conversation there is always room for the toolbar beside the bubble. */}
        <div className={cn('flex max-w-[min(40rem,82%)] min-w-0 flex-col @xl:max-w-[min(40rem,100%-14.75rem)]', mine ? 'items-end' : 'items-start')}>
          <Heading message={album?.[0] ?? message} head={head} language={i18n.language} />
          <div className={cn('relative flex max-w-full min-w-0', mine && 'flex-row-reverse')}>
            {busy && !album && (
              // Beside the upper edge of the bubble, where it covers no text; in a narrow conversation above it. A click keeps
              // the selection, which may be what is to be copied, and the focus of the writing field.
              <div
                role="presentation"
                onMouseDown={(event) => event.preventDefault()}
                className={cn(
                  'absolute z-10 @max-xl:bottom-full @max-xl:mb-0.5 @xl:top-0',
                  mine ? ['@max-xl:right-0 @xl:right-full', marked ? '@xl:mr-12' : '@xl:mr-1.5'] : '@max-xl:left-0 @xl:left-full @xl:ml-1.5',
                )}
              >
                <Toolbar message={message} onMenu={setMenuOpen} />
              </div>
            )}
            {album ? <Album messages={album} tail={tail} /> : <Bubble message={message} tail={tail} />}
            {/* Beside the bubble, without taking room from it. */}
            <div className="absolute right-full bottom-0.5 mr-1.5 flex flex-col items-end">
              {mine && !head && hovered && <HoverTime at={message.at} />}
              {mine && <SendingMark message={message} />}
              {mine && <ReadMark message={message} />}
            </div>
          </div>
          {(album ?? [message]).map((one) => <Reactions key={one.key} message={one} />)}
          {(album ?? [message]).map((one) => <ReplyCount key={one.key} message={one} className="mt-0.5" />)}
          {mine && (album ?? [message]).map((one) => <FailedLine key={one.key} message={one} />)}
        </div>
      </div>
    </div>
  )
}

/** When a message in the middle of a run was sent. */
function HoverTime({ at, className }: { at: number; className?: string }) {
  const { i18n } = useTranslation('message')
  return (
    <time aria-hidden dateTime={new Date(at).toISOString()} title={fullTime(at, i18n.language)} className={cn('text-xs text-muted tabular-nums', className)}>
      {clock(at, i18n.language)}
    </time>
  )
}

/** Who and when. In a run it is there for screen readers only. */
function Heading({ message, head, language }: { message: Message; head: boolean; language: string }) {
  const { t } = useTranslation('message')
  const time = clock(message.at, language)
  const named = !message.mine && chatRef(message.chat).type === 2
  if (!head) return <span className="sr-only">{t('from', { name: message.mine ? t('you') : message.from.name, time })}</span>
  return (
    <div className="mb-0.5 flex max-w-full items-baseline gap-2 text-sm text-muted">
      <span dir="auto" className={named ? 'truncate font-medium text-text' : 'sr-only'}>{message.mine ? t('you') : message.from.name}</span>
      {message.bot && <span className="shrink-0 rounded bg-sunken px-1 text-xs">{t('bot')}</span>}
      <time dateTime={new Date(message.at).toISOString()} title={fullTime(message.at, language)} className="shrink-0 text-xs tabular-nums">
        {time}
      </time>
    </div>
  )
}

function Sender({ message }: { message: Message }) {
  const { id, name, avatar } = message.from
  const picture = <Avatar name={name} src={avatar} seed={id} />
  if (message.bot) return picture // it has no profile
  return (
    <Link href={`/people/${encodeURIComponent(id)}`} aria-label={name} className="block rounded-lg">
      {picture}
    </Link>
  )
}
