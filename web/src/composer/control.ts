import { create } from 'zustand'
import { byFinger } from '@/lib/pointer'
import type { Call, ChatKey, Message } from '@/state/model'
import { actions, useStore } from '@/state/store'
import { addCalls, draftCalls, setCalls } from './calls'
import { quoteOf } from './send'

/** What others ask of the composer. */
interface Control {
  /** Text to put into the field; each request has another `at`. */
  fill: { chat: ChatKey; text: string; calls: readonly Call[]; at: number } | null
  /** Files to attach; each request has another `at`. */
  files: { chat: ChatKey; files: File[]; at: number } | null
  /** Counts up to ask for the focus. */
  focus: number
  /** The same for the field of the thread. */
  threadFocus: number
}

let requests = 0

/** The latest request so far: a field that appears later has no part in it. */
export const lastRequest = (): number => requests

export const useControl = create<Control>()(() => ({ fill: null, files: null, focus: 0, threadFocus: 0 }))

/** Moves the focus to where one types. */
export function focusComposer(): void {
  useControl.setState((s) => ({ focus: s.focus + 1 }))
}

/** Moves the focus to where one answers in the thread. */
export function focusThread(): void {
  useControl.setState((s) => ({ threadFocus: s.threadFocus + 1 }))
}

/** What the next message of the chat answers; null: nothing. */
export function setQuote(chat: ChatKey, message: Message | null): void {
  actions().setDraft(chat, { quote: message && quoteOf(message) })
  // A finger that drops the quote need not want the keyboard.
  if (message || !byFinger()) focusComposer()
}

const fields = new Set<ChatKey>()

/** The chat's field is on the page until the returned function is called. */
export function fieldShown(chat: ChatKey): () => void {
  fields.add(chat)
  return () => fields.delete(chat)
}

/** Puts the text into the field at the caret, with those whom it mentions; into the chat's draft if the field is not on the page. */
export function fillIn(chat: ChatKey, text: string, calls: readonly Call[] = []): void {
  if (!fields.has(chat)) {
    const written = useStore.getState().drafts[chat]?.text ?? ''
    const before = written === '' ? '' : `${written}\n`
    actions().setDraft(chat, { text: before + text })
    addCalls(chat, before + text, calls.map((call) => ({ ...call, at: call.at + before.length })))
    return
  }
  useControl.setState((s) => ({ fill: { chat, text, calls, at: ++requests }, focus: s.focus + 1 }))
}

export function attach(chat: ChatKey, files: File[]): void {
  if (files.length > 0) useControl.setState((s) => ({ files: { chat, files, at: ++requests }, focus: s.focus + 1 }))
}

/** Puts the text of an own message into the field, to be edited. What was being written there comes back afterwards. */
export function beginEdit(message: Message, calls: readonly Call[]): void {
  if (!message.id) return
  const { chat, id, text } = message
  const now = useStore.getState().drafts[chat]
  // Another message may be in the field: what was written before that one comes back.
  const before = now?.editing ?? { text: now?.text ?? '', quote: now?.quote ?? null, calls: draftCalls(chat, now?.text ?? '') }
  actions().setDraft(chat, { text, quote: null, editing: { ...before, id, former: text } })
  setCalls(chat, text, calls)
  focusComposer()
}

/** Leaves the message as it is. */
export function endEdit(chat: ChatKey): void {
  const editing = useStore.getState().drafts[chat]?.editing
  if (!editing) return
  actions().setDraft(chat, { text: editing.text, quote: editing.quote, editing: undefined })
  setCalls(chat, editing.text, editing.calls)
}
