import { X } from 'lucide-react'
import { type FocusEvent, type KeyboardEvent, type RefObject, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { focusThread } from '@/composer/control'
import { Editor } from '@/composer/Editor'
import { quoteOf } from '@/composer/send'
import { refusal } from '@/lib/refusal'
import { commandOfKey } from '@/message/commands'
import { RowContext, type RowActions } from '@/message/context'
import { useFormatterFor } from '@/message/formatter'
import { MessageRow } from '@/message/MessageRow'
import { selectedIn } from '@/message/selected'
import { neighbour } from '@/message/selection'
import type { ChatKey, Message, Thread } from '@/state/model'
import { actions, useStore } from '@/state/store'
import { repliesOf, rootOf } from '@/state/thread'
import { Button } from '@/ui/Button'
import { IconButton } from '@/ui/IconButton'
import { Spinner } from '@/ui/Spinner'
import { toastError } from '@/ui/toast'
import { MessageMenu } from './MessageMenu'
import { isBeside, openPane } from './pane'
import type { Row } from './rows'
import { useSpeech } from './useConversation'
import { useRows } from './useRows'

/** A message with its replies, beside the conversation. */
export default function ThreadPanel({ chat, onClose }: { chat: ChatKey; onClose: () => void }) {
  const { t } = useTranslation(['thread', 'ui'])
  const thread = useStore((s) => s.thread)
  return (
    <div data-thread className="flex h-full min-h-0 w-full flex-col">
      <header className="flex h-14 shrink-0 items-center gap-2 border-b border-line px-4">
        <h2 className="min-w-0 flex-1 truncate font-semibold">{t('title')}</h2>
        <IconButton icon={X} label={t('ui:close')} onClick={onClose} className="-mr-2" />
      </header>
      {thread?.chat === chat && <Opened key={thread.id} thread={thread} />}
    </div>
  )
}

function Opened({ thread }: { thread: Thread }) {
  const { chat, id, list } = thread
  const { row, dialogs } = useThreadRows(thread)
  const root = rootOf(thread)
  const outbox = useStore((s) => s.conversations[chat]?.outbox)
  const messages = useMemo(() => {
    const here = repliesOf(thread)
    const sending = (outbox ?? []).filter((m) => m.quote?.id === id && !here.some((one) => one.key === m.key))
    return [...here, ...sending].map(withoutQuote)
  }, [thread, outbox, id])
  const selection = useSelected(root ? [root, ...messages] : messages, row)
  const loaded = !list.hasNewer
  if (!root) return <Missing thread={thread} />
  return (
    <RowContext value={row}>
      <Messages root={root} messages={messages} thread={thread} loaded={loaded} {...selection} />
      <Answer root={root} onSelectLast={selection.selectLast} />
      {dialogs}
    </RowContext>
  )
}

/** Closes the thread on a narrow screen, where it covers the conversation. */
function uncover(): void {
  if (!isBeside()) openPane(null)
}

/** The actions of the rows in the thread. */
function useThreadRows({ chat, id }: Thread): { row: RowActions; dialogs: React.ReactNode } {
  const { row: inChat, dialogs } = useRows(chat)
  const row = useMemo<RowActions>(
    () => ({
      ...inChat,
      thread: id,
      // The field below is for answers. The thread of the first message is open already.
      commands: (message) => inChat.commands(message).filter((command) => command !== 'reply' && (command !== 'thread' || message.id !== id)),
      run: (command, message, selected) => {
        if (command === 'edit') uncover()
        inChat.run(command, message, selected)
      },
      jumpTo: (messageId) => {
        uncover()
        inChat.jumpTo(messageId)
      },
    }),
    [inChat, id],
  )
  return { row, dialogs }
}

/** The quote is the message above. */
function withoutQuote({ quote: _, ...message }: Message): Message {
  return message
}

function Missing({ thread: { list } }: { thread: Thread }) {
  const { t } = useTranslation(['thread', 'conversation'])
  const online = useStore((s) => s.connection === 'online')
  if (list.loading !== 'none') return <Spinner label={t('conversation:loading')} className="m-6 size-5" />
  return (
    <div role="alert" className="flex flex-1 flex-col items-center justify-center gap-3 p-6 text-center text-muted">
      <p>{list.error ? refusal(list.error) : t('conversation:notLoaded')}</p>
      {online && <Again />}
    </div>
  )
}

function Again() {
  const { t } = useTranslation('conversation')
  return (
    <Button size="small" onClick={() => void actions().renewThread().catch(toastError)}>
      {t('tryAgain')}
    </Button>
  )
}

interface Selection {
  selected: string | null
  list: RefObject<HTMLDivElement | null>
  onKeyDown: (event: KeyboardEvent) => void
  onBlur: (event: FocusEvent) => void
}

/** The message that is selected with the keyboard, which has the focus. */
function useSelected(messages: readonly Message[], row: RowActions): Selection & { selectLast: () => void } {
  const [selected, setSelected] = useState<string | null>(null)
  const list = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (selected !== null) list.current?.querySelector<HTMLElement>(`[data-message="${CSS.escape(selected)}"]`)?.focus()
  }, [selected])
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const message = messages.find((one) => one.key === selected)
    if (event.key === 'Escape' && message) {
      setSelected(null)
      focusThread()
    } else if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
      const next = neighbour(messages, selected, event.key === 'ArrowUp' ? -1 : 1)
      if (next) setSelected(next.key)
      else if (event.key === 'ArrowDown' && message) {
        setSelected(null)
        focusThread()
      }
    } else {
      // Only the row itself: a key on one of its buttons is the button's.
      if (!message || !(event.target as HTMLElement).hasAttribute('data-message')) return
      const command = commandOfKey(event.key, row.commands(message))
      if (!command) return
      row.run(command, message, selectedIn(message.key))
    }
    event.preventDefault()
    event.stopPropagation()
  }
  // The selection goes with the focus, but not while a menu or dialog that it opened has it.
  const onBlur = (event: FocusEvent): void => {
    const to = event.relatedTarget
    if (to instanceof HTMLElement && !event.currentTarget.contains(to) && to.closest('[data-thread], main') !== null) setSelected(null)
  }
  return { selected, list, onKeyDown, onBlur, selectLast: () => setSelected(messages.at(-1)?.key ?? null) }
}

interface MessagesProps extends Selection {
  root: Message
  messages: readonly Message[]
  thread: Thread
  loaded: boolean
}

function Messages({ root, messages, thread, loaded, selected, list, onKeyDown, onBlur }: MessagesProps) {
  const { t } = useTranslation(['thread', 'conversation'])
  const { hasOlder, loading, error } = thread.list
  const online = useStore((s) => s.connection === 'online')
  const all = useMemo(() => [root, ...messages], [root, messages])
  const rows = useMemo(() => all.map((message): Row => ({ kind: 'message', key: message.key, message, head: true, tail: true })), [all])
  const ready = useFormatterFor(all)
  const { scroller, onScroll, onLoad } = useEnd(messages, loaded && ready)
  const line = (message: Message) => <MessageRow message={message} head tail selected={selected === message.key} lit={false} />
  return (
    <div ref={list} role="presentation" onKeyDown={onKeyDown} onBlur={onBlur} className="flex min-h-0 flex-1 flex-col">
      <MessageMenu rows={rows}>
        <div
          ref={scroller}
          role="list"
          aria-label={t('messages')}
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reached with the keyboard
          tabIndex={0}
          onScroll={onScroll}
          onLoadCapture={onLoad}
          className="@container min-h-0 flex-1 overflow-x-hidden overflow-y-auto overscroll-contain pt-4 pb-3 outline-offset-[-2px] [overflow-anchor:none]"
        >
          {ready && (
            <>
              <div role="listitem" className="pb-2">
                {line(root)}
              </div>
              {loaded && (
                <p role="listitem" className="mx-4 border-b border-line pb-1 text-xs text-muted">
                  {messages.length === 0 ? t('none') : t('count', { count: hasOlder ? Math.max(root.replies ?? 0, messages.length) : messages.length })}
                </p>
              )}
              {loaded && hasOlder && (
                <div role="listitem" className="flex justify-center p-2">
                  <Button size="small" busy={loading === 'older'} onClick={() => void actions().olderReplies().catch(toastError)}>
                    {t('older')}
                  </Button>
                </div>
              )}
              {messages.map((message) => (
                <div key={message.key} role="listitem" className="flow-root">
                  {line(message)}
                </div>
              ))}
              {!loaded && loading !== 'none' && (
                <div role="listitem" className="flex justify-center p-4">
                  <Spinner label={t('conversation:loading')} className="size-5" />
                </div>
              )}
              {loading === 'none' && error && online && (
                <div role="listitem" className="flex flex-wrap items-center justify-center gap-3 p-4 text-sm text-muted">
                  <span role="alert">{refusal(error)}</span>
                  <Again />
                </div>
              )}
            </>
          )}
        </div>
      </MessageMenu>
    </div>
  )
}

/** Within so many pixels of the end, the reader is at the end. */
const near = 40

function toEnd(area: HTMLElement): void {
  area.scrollTop = area.scrollHeight
}

/** Keeps the end on the screen when replies arrive, and the place of the reader when earlier ones are loaded. */
function useEnd(messages: readonly Message[], shown: boolean) {
  const scroller = useRef<HTMLDivElement>(null)
  const before = useRef({ end: true, height: 0, first: '', last: '' })
  const first = messages[0]?.key ?? ''
  const last = messages.at(-1)
  useLayoutEffect(() => {
    const area = scroller.current
    if (!area) return
    const { end, height, first: firstBefore, last: lastBefore } = before.current
    const sent = last !== undefined && last.key !== lastBefore && last.id === null
    if (end || sent) toEnd(area)
    else if (firstBefore !== first && last?.key === lastBefore) area.scrollTop += area.scrollHeight - height
    before.current = { end: end || sent, height: area.scrollHeight, first, last: last?.key ?? '' }
  }, [first, last, shown])
  return {
    scroller,
    onScroll: () => {
      const area = scroller.current!
      before.current = { ...before.current, height: area.scrollHeight, end: area.scrollHeight - area.scrollTop - area.clientHeight < near }
    },
    // A picture that has got its size moves what is below it.
    onLoad: () => {
      if (before.current.end) toEnd(scroller.current!)
    },
  }
}

/** The field for an answer, or the reason why there is none. */
function Answer({ root, onSelectLast }: { root: Message; onSelectLast: () => void }) {
  const { t } = useTranslation(['thread', 'composer'])
  const speech = useSpeech(root.chat)
  const left = useStore((s) => s.chats[root.chat]?.left)
  const quote = useMemo(() => quoteOf(root), [root])
  return (
    <footer aria-label={t('answer')} className="shrink-0 border-t border-line bg-ground px-3 py-2 pb-[max(0.5rem,env(safe-area-inset-bottom))]">
      {speech === 'free' ? (
        <>
          <Editor chat={root.chat} thread={quote} onRecord={nothing} onEditLast={nothing} onSelectLast={onSelectLast} />
          <p className="px-1 pt-1 text-xs text-muted">{t('inChatToo')}</p>
        </>
      ) : (
        <p role="status" className="py-2 text-center text-sm text-muted">
          {left ? t(`composer:gone.${left}`) : t(`composer:${speech}`)}
        </p>
      )}
    </footer>
  )
}

function nothing(): void {}
