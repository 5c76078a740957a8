import { type ReactNode, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { beginEdit, fillIn, setQuote } from '@/composer/control'
import { loadTexts } from '@/i18n'
import { type Command, commandsFor, copyText } from '@/message/commands'
import type { RowActions } from '@/message/context'
import { whenStored } from '@/message/correction'
import { download } from '@/message/file'
import { select } from '@/message/selection'
import { sentCalls } from '@/message/sentCalls'
import { rememberText } from '@/message/withdrawn'
import { chatRef, type ChatKey, type Message } from '@/state/model'
import { actions, useStore } from '@/state/store'
import { ConfirmDialog } from '@/ui/ConfirmDialog'
import { onDemand } from '@/ui/onDemand'
import { toast, toastError } from '@/ui/toast'
import { useNames } from './names'
import { openThread } from './pane'
import { useGroup, useLimits, useSpeech } from './useConversation'

const Lightbox = onDemand(() => import('@/message/Lightbox'))
const ReactDialog = onDemand<{ message: Message; onClose: () => void }>(() => loadTexts('composer').then(() => import('@/message/ReactDialog')))
const ReactorsDialog = onDemand<{ message: Message; onClose: () => void }>(() => import('@/message/ReactorsDialog'))
const ReadersDialog = onDemand<{ message: Message; onClose: () => void }>(() => import('@/message/ReadersDialog'))
const ForwardDialog = onDemand<{ message: Message; onClose: () => void }>(() => loadTexts('search').then(() => import('./ForwardDialog')))

/** What the rows ask for. Its value changes only where what is offered changes. */
export function useRows(chat: ChatKey): { row: RowActions; dialogs: ReactNode } {
  const { t } = useTranslation('message')
  const speech = useSpeech(chat)
  const isAdmin = useGroup(chat)?.role === 'admin'
  const canMark = useStore((s) => s.chats[chat] !== undefined && s.order.includes(chat) && s.chats[chat].left === undefined)
  const names = useNames(chat)
  const limits = useLimits()
  const withdrawSeconds = limits?.withdrawSeconds ?? 300
  const editSeconds = limits?.editSeconds ?? 0
  const [image, setImage] = useState<Message | null>(null)
  const [forwarded, setForwarded] = useState<Message | null>(null)
  const [withdrawn, setWithdrawn] = useState<Message | null>(null)
  const [reacting, setReacting] = useState<Message | null>(null)
  const [reacted, setReacted] = useState<Message | null>(null)
  const [readers, setReaders] = useState<Message | null>(null)
  const readMarks = useStore((s) => s.me?.readMarks !== false)

  const row = useMemo<RowActions>(() => {
    const run: Record<Command, (message: Message, selected?: string) => void> = {
      reply: (message) => setQuote(chat, message),
      thread: ({ id }) => {
        if (id) openThread(chat, id)
      },
      forward: setForwarded,
      copy: (message, selected) => void navigator.clipboard.writeText(selected || copyText(message)).then(() => toast(t('copied')), toastError),
      download: (message) => void download(message).catch(toastError),
      edit: (message) => void edit(message).catch(toastError),
      withdraw: setWithdrawn,
      reactions: setReacted,
      readers: setReaders,
      react: setReacting,
      pin: (message) => void actions().pin(message, true).catch(toastError),
      unpin: (message) => void actions().pin(message, false).catch(toastError),
      unread: ({ id }) => {
        if (id) void actions().markUnread(chat, id).then(() => toast(t('markedUnread')), toastError)
      },
      retry: (message) => actions().retry(chat, message.key),
      discard: (message) => actions().discard(chat, message.key),
    }
    const canReact = speech === 'free' || speech === 'banned'
    const canPin = canReact && (chatRef(chat).type === 1 || isAdmin)
    return {
      commands: (message) => commandsFor(message, { canSpeak: speech === 'free', canReact, canPin, canMark, isAdmin, readMarks, withdrawSeconds, editSeconds, now: Date.now() }),
      run: (command, message, selected) => run[command](message, selected),
      jumpTo: (id) => void actions().jumpTo(chat, id).catch(toastError),
      openImage: setImage,
      editAgain: ({ text, calls }) => fillIn(chat, text, calls),
      names,
      canReact,
      canPin,
    }
  }, [chat, speech, canMark, isAdmin, readMarks, withdrawSeconds, editSeconds, names, t])

  const dialogs = (
    <>
      {image && <Lightbox message={image} onClose={() => setImage(null)} />}
      {forwarded && <ForwardDialog message={forwarded} onClose={() => setForwarded(null)} />}
      {reacting && <ReactDialog message={reacting} onClose={() => setReacting(null)} />}
      {reacted && <ReactorsDialog message={reacted} onClose={() => setReacted(null)} />}
      {readers && <ReadersDialog message={readers} onClose={() => setReaders(null)} />}
      <ConfirmDialog
        open={withdrawn !== null}
        onOpenChange={(open) => !open && setWithdrawn(null)}
        title={t('withdrawTitle')}
        text={t('withdrawText')}
        confirm={t('command.withdraw')}
        danger
        onConfirm={async () => {
          if (!withdrawn) return
          rememberText(withdrawn)
          await actions().withdraw(withdrawn)
        }}
      />
    </>
  )
  return { row, dialogs }
}

/** Edits an own message, once the server has it. */
async function edit(message: Message): Promise<void> {
  const stored = message.id === null ? await whenStored(message) : message
  if (!stored?.id) return
  select(null)
  beginEdit(stored, sentCalls(stored.id))
}
