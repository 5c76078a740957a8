import { type ReactNode, type RefObject, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation, useSearch } from 'wouter'
import { isTyping } from '@/app/keys/shortcuts'
import { pathOf } from '@/app/paths'
import { Composer } from '@/composer/Composer'
import { focusComposer } from '@/composer/control'
import { loadTexts } from '@/i18n'
import { refusal } from '@/lib/refusal'
import { clock, dayStart, fullTime } from '@/lib/time'
import { commandOfKey, copyText } from '@/message/commands'
import { RowContext, type RowActions } from '@/message/context'
import { copiedText } from '@/message/copied'
import { useFormatterFor } from '@/message/formatter'
import { oneLine } from '@/message/preview'
import { selectedIn } from '@/message/selected'
import { neighbour, select, useSelection } from '@/message/selection'
import { useSlow } from '@/lib/useSlow'
import type { ChatKey, Message, Pin } from '@/state/model'
import { actions, useStore } from '@/state/store'
import { Button } from '@/ui/Button'
import { toastError } from '@/ui/toast'
import { onDemand } from '@/ui/onDemand'
import { Announcer } from './Announcer'
import { ConversationHeader } from './ConversationHeader'
import { DropArea } from './DropArea'
import { MessageList } from './MessageList'
import { leaveChat } from './pane'
import { SidePane } from './SidePane'
import { Skeleton } from './Skeleton'
import { useRows } from './useRows'

const PinBar = onDemand<{ chat: ChatKey; pins: readonly Pin[] }>(() => loadTexts('pin').then(() => import('./PinBar')))

/** A chat: who it is with, what was said, and where to say something. */
export default function ConversationPane({ chat }: { chat: ChatKey }) {
  return (
    <div className="flex h-full min-h-0 min-w-0 flex-1">
      <Conversation key={chat} chat={chat} />
      <SidePane key={`pane ${chat}`} chat={chat} />
    </div>
  )
}

function Conversation({ chat }: { chat: ChatKey }) {
  useOpen(chat)
  const { row, dialogs } = useRows(chat)
  const main = useShaking(chat)
  return (
    <RowContext value={row}>
      <main ref={main} className="flex min-w-0 flex-1 flex-col bg-ground">
        <ConversationHeader chat={chat} />
        <Pins chat={chat} />
        <DropArea chat={chat}>
          <Messages chat={chat} row={row} />
          <Composer
            chat={chat}
            onEditLast={() => {
              const last = lastEditable(chat, row)
              if (last) row.run('edit', last)
            }}
          />
        </DropArea>
      </main>
      {dialogs}
    </RowContext>
  )
}

function Pins({ chat }: { chat: ChatKey }) {
  const pins = useStore((s) => s.pins[chat])
  return pins && pins.length > 0 ? <PinBar chat={chat} pins={pins} /> : null
}

/** Opens the chat, and goes to the message that the address names. */
function useOpen(chat: ChatKey): void {
  const message = new URLSearchParams(useSearch()).get('m')
  const [, navigate] = useLocation()
  useEffect(() => {
    void actions().openChat(chat).catch(toastError)
    return () => {
      select(null)
      leaveChat()
      actions().closeChat()
    }
  }, [chat])
  useEffect(() => {
    if (!message) return
    actions().jumpTo(chat, message).catch(toastError)
    navigate(pathOf(chat), { replace: true })
  }, [chat, message, navigate])
}

/** The last own message that may be edited, if the end of the conversation is here. */
function lastEditable(chat: ChatKey, { commands }: RowActions): Message | undefined {
  const c = useStore.getState().conversations[chat]
  if (!c) return undefined
  const may = (message: Message): boolean => message.mine && commands(message).includes('edit')
  return c.outbox.findLast(may) ?? (c.hasNewer ? undefined : c.messages.findLast(may))
}

function Messages({ chat, row }: { chat: ChatKey; row: RowActions }) {
  const { t } = useTranslation('conversation')
  const conversation = useStore((s) => s.conversations[chat])
  const list = useRef<HTMLDivElement>(null)
  useCopying(list, chat)
  const online = useStore((s) => s.connection === 'online')
  const lost = useStore((s) => s.connection === 'offline')
  // Waiting messages are shown at once, the others when their beginning is known.
  const nothing = !conversation || (!conversation.begin && conversation.outbox.length === 0)
  const error = nothing && conversation?.error
  const unreachable = useSlow(nothing && lost, 500)
  if (!conversation || (nothing && !error && !unreachable)) return <Skeleton />
  if (nothing) {
    // Without a connection the banner has the button.
    return (
      <div role="alert" className="flex flex-1 flex-col items-center justify-center gap-3 p-6 text-center text-muted">
        <p>{error && !lost ? refusal(error) : t('notLoaded')}</p>
        {online && <Button onClick={() => void actions().openChat(chat).catch(toastError)}>{t('tryAgain')}</Button>}
      </div>
    )
  }

  const onKeyDown = (event: React.KeyboardEvent) => {
    const { key } = useSelection.getState()
    const all = [...conversation.messages, ...conversation.outbox]
    const selected = all.find((message) => message.key === key)
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === 'Escape' && selected) {
      select(null)
      focusComposer()
    } else if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
      const next = neighbour(all, key, event.key === 'ArrowUp' ? -1 : 1)
      if (next) select(next)
      else if (event.key === 'ArrowDown' && selected) {
        select(null)
        focusComposer()
      }
    } else {
      // Only the row itself: a key on one of its buttons is the button's.
      if (!selected || !(event.target as HTMLElement).hasAttribute('data-message')) return
      const command = commandOfKey(event.key, row.commands(selected))
      if (!command) return
      row.run(command, selected, selectedIn(selected.key))
      if (command === 'reply') select(null)
    }
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <div ref={list} role="presentation" onKeyDown={onKeyDown} onBlur={leave} className="flex min-h-0 flex-1 flex-col">
      <Ready messages={conversation.messages}>
        <MessageList conversation={conversation} />
      </Ready>
      <Announcer conversation={conversation} />
    </div>
  )
}

/** The list, once the texts in it have their heights. */
function Ready({ messages, children }: { messages: readonly Message[]; children: ReactNode }) {
  return useFormatterFor(messages) ? children : <Skeleton />
}

/** Copies a selection over several messages always in the same form. */
function useCopying(list: RefObject<HTMLElement | null>, chat: ChatKey): void {
  const { t, i18n } = useTranslation('message')
  useEffect(() => {
    const copy = (event: ClipboardEvent): void => {
      const c = useStore.getState().conversations[chat]
      if (!c || !list.current || isTyping(event.target)) return
      const messages = [...c.messages, ...c.outbox]
      const days = new Set(messages.map(({ at }) => dayStart(at)))
      const time = (at: number): string => (days.size > 1 ? fullTime : clock)(at, i18n.language)
      const text = copiedText(getSelection(), list.current, messages, {
        heading: (message) => t('from', { name: message.mine ? t('you') : message.from.name, time: time(message.at) }),
        whole: (message) => (message.kind === 'system' || message.withdrawn ? '' : copyText(message)) || oneLine(message, t),
      })
      if (text === null) return
      event.clipboardData?.setData('text/plain', text)
      event.preventDefault()
    }
    document.addEventListener('copy', copy)
    return () => document.removeEventListener('copy', copy)
  }, [list, chat, t, i18n.language])
}

// The selection goes with the focus, but not while a menu or dialog that it opened has it.
function leave(event: React.FocusEvent): void {
  const to = event.relatedTarget
  if (to instanceof HTMLElement && !event.currentTarget.contains(to) && to.closest('main') !== null) select(null)
}

// Each shake moves the page once, also when the chat is opened later or the window comes back to the front.
let lastShake = 0

/** Moves the element when somebody shakes the chat, unless the reader prefers reduced motion. */
function useShaking(chat: ChatKey): RefObject<HTMLElement | null> {
  const element = useRef<HTMLElement>(null)
  const shaken = useStore((s) => (s.shaken?.key === chat ? s.shaken.at : 0))
  useEffect(() => {
    if (shaken <= lastShake || matchMedia('(prefers-reduced-motion: reduce)').matches) return
    let movement: Animation | undefined
    const move = (): void => {
      if (document.visibilityState !== 'visible') return
      document.removeEventListener('visibilitychange', move)
      lastShake = shaken
      const way = [0, -7, 7, -6, 6, -4, 4, 0].map((x) => ({ transform: `translateX(${x}px)` }))
      movement = element.current?.animate(way, { duration: 600, easing: 'ease-in-out' })
    }
    document.addEventListener('visibilitychange', move)
    move()
    return () => {
      document.removeEventListener('visibilitychange', move)
      movement?.cancel()
    }
  }, [shaken])
  return element
}
