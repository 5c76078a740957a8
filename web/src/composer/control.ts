import { create } from 'zustand'
import type { Call, ChatKey, Message } from '@/state/model'

/** What others ask of the composer. */
interface Control {
  quotes: Record<ChatKey, Message | undefined>
  /** Text to put into the field; each request has another `at`. */
  fill: { chat: ChatKey; text: string; calls: readonly Call[]; at: number } | null
  /** Files to attach; each request has another `at`. */
  files: { chat: ChatKey; files: File[]; at: number } | null
  /** Counts up to ask for the focus. */
  focus: number
}

let requests = 0

/** The latest request so far: a field that appears later has no part in it. */
export const lastRequest = (): number => requests

export const useControl = create<Control>()(() => ({ quotes: {}, fill: null, files: null, focus: 0 }))

/** Moves the focus to where one types. */
export function focusComposer(): void {
  useControl.setState((s) => ({ focus: s.focus + 1 }))
}

/** What the next message of the chat answers; null: nothing. */
export function setQuote(chat: ChatKey, message: Message | null): void {
  useControl.setState((s) => ({ quotes: { ...s.quotes, [chat]: message ?? undefined }, focus: s.focus + (message ? 1 : 0) }))
}

/** Puts the text into the field at the caret, with those whom it mentions. */
export function fillIn(chat: ChatKey, text: string, calls: readonly Call[] = []): void {
  useControl.setState((s) => ({ fill: { chat, text, calls, at: ++requests }, focus: s.focus + 1 }))
}

export function attach(chat: ChatKey, files: File[]): void {
  if (files.length > 0) useControl.setState((s) => ({ files: { chat, files, at: ++requests }, focus: s.focus + 1 }))
}
