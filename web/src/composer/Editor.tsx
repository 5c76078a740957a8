import { SendHorizontal } from 'lucide-react'
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { isApple, type Mark, markOf } from '@/app/keys/shortcuts'
import { usePreferences } from '@/app/preferences'
import { useChatTitle } from '@/chatlist/useChatTitle'
import { isMarked } from '@/message/marks'
import { select } from '@/message/selection'
import { useLimits } from '@/conversation/useConversation'
import { chatRef, type ChatKey } from '@/state/model'
import { isComposing } from '@/lib/composing'
import { byFinger } from '@/lib/pointer'
import { actions, useStore } from '@/state/store'
import { IconButton } from '@/ui/IconButton'
import { onDemand } from '@/ui/onDemand'
import { toastError } from '@/ui/toast'
import { filesOf, textWins } from './attachment'
import { AttachmentTray } from './AttachmentTray'
import { addCalls, callsIn, takeCalls } from './calls'
import { endEdit, fieldShown, lastRequest, setQuote, useControl } from './control'
import { EditBar } from './EditBar'
import { MentionList } from './MentionList'
import { QuoteBar } from './QuoteBar'
import { sendAll, withoutBlankEnds } from './send'
import { Tools } from './Tools'
import { useAttachments } from './useAttachments'
import { useMentions } from './useMentions'
import { useTypeAnywhere } from './useTypeAnywhere'

const loadFormat = () => import('./formatting')
// Without it the text is still sent.
const FormatPreview = onDemand<{ chat: ChatKey; text: string }>(() => loadFormat().then((m) => m.loadPreview()), () => undefined)

/** The field with all that belongs to it. */
export function Editor({ chat, onRecord, onEditLast }: { chat: ChatKey; onRecord: () => void; onEditLast: () => void }) {
  const { t, i18n } = useTranslation('composer')
  const field = useRef<HTMLTextAreaElement>(null)
  // The draft itself: what is typed is kept at once.
  const text = useStore((s) => s.drafts[chat]?.text ?? '')
  const quote = useStore((s) => s.drafts[chat]?.quote ?? null)
  const editing = useStore((s) => s.drafts[chat]?.editing)
  const limits = useLimits()
  const attachments = useAttachments(chat, limits)
  // Inserts text at the caret, in place of the selection. It reads the field and not the state, because several texts may come before the next render.
  const insert = useCallback((piece: string) => {
    const area = field.current!
    area.focus()
    // As if it had been typed, so that it can be undone. Where there is no such command, at least React hears of it.
    if (typeof document.execCommand === 'function' && document.execCommand('insertText', false, piece)) return
    area.setRangeText(piece, area.selectionStart, area.selectionEnd, 'end')
    area.dispatchEvent(new Event('input', { bubbles: true }))
  }, [])
  const mentions = useMentions(chat, field, insert)
  const title = useChatTitle()
  const name = title({ ref: chatRef(chat), name: useStore((s) => s.chats[chat]?.name ?? '') })
  const [sending, setSending] = useState(false)
  const formatting = usePreferences((p) => p.formatting)
  const preview = usePreferences((p) => p.draftPreview)

  const tooLong = limits !== undefined && text.length > limits.text
  const ready = !sending && !tooLong && !attachments.tooLarge && (text.trim() !== '' || (attachments.list.length > 0 && !editing))

  useEffect(() => fieldShown(chat), [chat])
  useEffect(() => {
    // One goes on behind what was written before.
    const area = field.current!
    area.setSelectionRange(area.value.length, area.value.length)
  }, [])
  useRequests(chat, field, insert)
  useAutosize(field, text)

  const addFiles = (files: File[]) => {
    attachments.add(files)
    if (!byFinger()) field.current?.focus()
  }

  const saveEdit = async (id: string) => {
    setSending(true)
    try {
      const now = withoutBlankEnds(text)
      await actions().edit(chat, id, now, callsIn(chat, text))
      endEdit(chat)
    } catch (error) {
      toastError(error)
    } finally {
      setSending(false)
    }
  }

  const send = async () => {
    if (!ready) return
    if (editing) return saveEdit(editing.id)
    setSending(true)
    const list = attachments.take()
    const calls = takeCalls(chat, text)
    // The outbox keeps the message before the draft goes.
    if (!byFinger()) field.current?.focus()
    const sent = sendAll(chat, { text: withoutBlankEnds(text), attachments: list, quote, calls })
    actions().setDraft(chat, { text: '', quote: null })
    try {
      await sent
    } finally {
      setSending(false)
    }
  }

  /** Takes the files of a paste; false: it has none, or its text is what is meant. */
  const takeFiles = (data: DataTransfer): boolean => {
    const files = filesOf(data, Date.now())
    if (files.length === 0 || textWins(data.getData('text/plain'), files)) return false
    attachments.add(files)
    return true
  }
  const mark = (wanted: Mark) => void loadFormat().then(({ applyMark }) => applyMark(wanted, chat, field.current!, insert)).catch(toastError)
  /** Takes code from an editor as a code block, and an address as the link of the selected text; false: it is neither. */
  const takeFormatted = (data: DataTransfer): boolean => {
    const pasted = data.getData('text/plain')
    const area = field.current!
    const editor = data.getData('vscode-editor-data')
    const isCode = pasted.includes('\n') && (editor || data.getData('text/html').includes('<pre'))
    if (!formatting || !(isCode || (area.selectionStart < area.selectionEnd && /^https?:\/\/\S+$/.test(pasted)))) return false
    loadFormat().then(({ paste }) => paste(pasted, editor, area, insert)).catch(() => insert(pasted))
    return true
  }
  useTypeAnywhere(field, (data) => {
    const pasted = data.getData('text/plain')
    if (!takeFiles(data) && pasted) insert(pasted)
  })

  const onKeyDown = (event: React.KeyboardEvent<HTMLTextAreaElement>) => {
    if (isComposing(event)) return
    if (mentions.onKeyDown(event)) return
    // Ctrl is pressed before the letter.
    if (event.key === 'Control' || event.key === 'Meta') void loadFormat().catch(() => undefined)
    const wanted = formatting && markOf(event.nativeEvent, isApple())
    if (wanted) {
      event.preventDefault()
      mark(wanted)
      return
    }
    if (event.key === 'Enter' && !event.shiftKey && !event.altKey && !(byFinger() && !event.ctrlKey && !event.metaKey)) {
      event.preventDefault()
      void send()
    } else if (event.key === 'ArrowUp' && text === '' && !editing && !event.altKey && !event.ctrlKey && !event.metaKey) {
      if (!event.shiftKey) {
        event.preventDefault()
        onEditLast()
        return
      }
      const conversation = useStore.getState().conversations[chat]
      const last = conversation?.outbox.at(-1) ?? conversation?.messages.at(-1)
      if (!last) return
      event.preventDefault()
      select(last)
    } else if (event.key === 'Escape' && editing) {
      event.preventDefault()
      event.stopPropagation()
      endEdit(chat)
    } else if (event.key === 'Escape' && quote) {
      event.preventDefault()
      event.stopPropagation()
      setQuote(chat, null)
    }
  }

  return (
    // Its buttons leave the focus in the field. What lies over the page passes its events on to here, too.
    <div
      role="presentation"
      onMouseDown={(event) => {
        if (event.currentTarget.contains(event.target as Node) && (event.target as Element).closest('button')) event.preventDefault()
      }}
      className="relative"
    >
      {mentions.open && <MentionList mentions={mentions} onPick={mentions.pick} />}
      {editing && <EditBar former={editing.former} onClose={() => endEdit(chat)} />}
      {quote && <QuoteBar quote={quote} onClose={() => setQuote(chat, null)} />}
      {formatting && preview && isMarked(text) && <FormatPreview chat={chat} text={text} />}
      <AttachmentTray attachments={attachments.list} onRemove={attachments.remove} />
      <div className="flex items-end gap-2 rounded-xl border border-field bg-ground px-2 py-1 focus-within:border-accent focus-within:outline-1 focus-within:outline-accent">
        <textarea
          dir="auto"
          ref={field}
          data-composer
          rows={1}
          value={text}
          aria-label={editing ? t('editing') : name ? t('field', { name }) : t('nameless')}
          placeholder={attachments.list.length > 0 ? t('caption') : name ? t('placeholder', { name }) : t('nameless')}
          aria-invalid={tooLong || undefined}
          {...mentions.attributes}
          onChange={(event) => {
            actions().setDraft(chat, { text: event.target.value })
            if (!editing && event.target.value.trim() !== '') actions().typed(chat)
            mentions.look()
          }}
          onFocus={mentions.look}
          onBlur={mentions.close}
          onKeyDown={onKeyDown}
          onPaste={(event) => {
            if (takeFiles(event.clipboardData) || takeFormatted(event.clipboardData)) event.preventDefault()
          }}
          className="max-h-[40dvh] min-h-9 min-w-0 flex-1 resize-none bg-transparent px-1 py-1.5 outline-none placeholder:truncate placeholder:text-muted"
        />
        <IconButton icon={SendHorizontal} label={t('send')} keys={byFinger() ? undefined : 'Enter'} disabled={!ready} onClick={() => void send()} className="enabled:text-accent" />
      </div>
      {tooLong && (
        <p role="alert" className="px-1 pt-1 text-sm text-danger">
          {t('tooLong', { count: text.length - limits.text, most: new Intl.NumberFormat(i18n.language).format(limits.text) })}
        </p>
      )}
      <Tools chat={chat} isGroup={chatRef(chat).type === 2} insert={insert} onFiles={addFiles} onRecord={onRecord} onMark={mark} />
    </div>
  )
}

/** Does what others ask of the field: focus, text. */
function useRequests(chat: ChatKey, field: React.RefObject<HTMLTextAreaElement | null>, insert: (text: string) => void): void {
  const focus = useControl((s) => s.focus)
  const fill = useControl((s) => s.fill)
  const done = useRef({ focus: -1, fill: lastRequest() })
  useEffect(() => {
    // The keyboard of a phone must not come up by itself.
    if (done.current.focus === focus || (done.current.focus === -1 && byFinger())) {
      done.current.focus = focus
      return
    }
    done.current.focus = focus
    field.current?.focus()
  }, [focus, field])
  useEffect(() => {
    if (!fill || fill.chat !== chat || fill.at <= done.current.fill) return
    done.current.fill = fill.at
    const area = field.current!
    const at = area.selectionStart
    insert(fill.text)
    addCalls(chat, area.value, fill.calls.map((call) => ({ ...call, at: call.at + at })))
  }, [chat, field, fill, insert])
}

/** Lets the field grow with its text. */
function useAutosize(field: React.RefObject<HTMLTextAreaElement | null>, text: string): void {
  useLayoutEffect(() => {
    grow(field.current!)
    // oxlint-disable-next-line react/exhaustive-effect-dependencies -- the height is the text's
  }, [field, text])
}

function grow(area: HTMLTextAreaElement): void {
  area.style.height = 'auto'
  area.style.height = `${area.scrollHeight}px`
}
