// Drafts, by account and chat. All tabs of this device share them: each chat has an entry of its own in localStorage, so that
// two tabs with different chats do not overwrite each other's drafts. The server keeps them for the other devices, but not
// those of threads.
import { messagesAround } from '@/api/history'
import { callsOfNote, draftCalls, noteOf, setCalls } from '@/composer/calls'
import { SocketError, offline } from '@/socket/connection'
import { emptied, replaces, toSend, unsentIn, type Mark } from '@/state/draft'
import { messageFrom } from '@/state/from-wire'
import { chatKey, chatRef, isThreadDraft, type ChatKey, type Earlier, type Unsent } from '@/state/model'
import type { Draft } from '@/wire/wire.gen'
import { forgetForms } from '../keptForm'
import type { Context } from './context'

// Milliseconds between two writes while somebody types: to localStorage, and to the server.
const pace = 200
const sendPace = 1000

export class Drafts {
  readonly #context: Context
  readonly #under: string
  #timer: ReturnType<typeof setTimeout> | undefined
  #sender: ReturnType<typeof setTimeout> | undefined
  /** Changed here, not kept yet. */
  readonly #changed = new Set<ChatKey>()
  /** Of drafts, and of those that were emptied here and that the server still has. Each change has another object. */
  readonly #marks = new Map<ChatKey, Mark>()
  /** The server has refused them. They stay on this device until they are changed, or the connection is a new one. */
  readonly #refused = new Set<ChatKey>()

  constructor(context: Context) {
    this.#context = context
    this.#under = `parley.draft.${context.me}.`
    context.update((s) => ({ ...s, drafts: this.#all() }))
    const { signal } = context
    const adopt = (e: StorageEvent): void => {
      if (e.key?.startsWith(this.#under)) this.#adopt(e.key.slice(this.#under.length), e.newValue)
    }
    addEventListener('storage', adopt, { signal })
    const keep = (): void => {
      this.#keep()
      this.#sendAll()
    }
    // A page that is left, discarded or killed in the background gets no other chance.
    addEventListener('pagehide', keep, { signal })
    document.addEventListener('visibilitychange', keep, { signal })
    signal.addEventListener('abort', () => this.#keep())
  }

  set(key: ChatKey, change: Partial<Unsent>): void {
    if (this.#context.signal.aborted) return
    const before = this.#context.state().drafts[key] ?? { text: '', quote: null }
    const after = { ...before, ...change }
    if (after.text === before.text && after.quote === before.quote && after.editing === before.editing) return
    this.#context.update((s) => ({ ...s, drafts: withDraft(s.drafts, key, after) }))
    this.#changed.add(key)
    // The text of a message that is being edited stays on this device, and so does what is written in a thread.
    if (isThreadDraft(key)) this.#marks.delete(key)
    else if (unsentIn(after).text !== unsentIn(before).text || unsentIn(after).quote !== unsentIn(before).quote) {
      this.#marks.set(key, { at: Date.now(), sent: false })
      this.#refused.delete(key)
      this.#sender ??= setTimeout(() => this.#sendAll(), sendPace)
    }
    this.#keepSoon()
  }

  /** Removes the drafts from this device; the account was signed out. */
  forget(): void {
    clearTimeout(this.#timer)
    clearTimeout(this.#sender)
    this.#changed.clear()
    for (const key of keysUnder(this.#under)) localStorage.removeItem(key)
    forgetForms(this.#context.me)
    localStorage.removeItem(`parley.calls.${this.#context.me}`)
    localStorage.removeItem(`parley.called.${this.#context.me}`) // those of sent messages
  }

  // With the server

  /** Sends what the server does not have, and takes what other devices have written meanwhile. */
  async connected(): Promise<void> {
    this.#refused.clear()
    await Promise.all(toSend(this.#marks).map((key) => this.#send(key)))
    const before = new Map(this.#marks)
    const drafts = await this.#context.request('drafts', {})
    for (const draft of drafts) this.take(draft)
    const listed = new Set(drafts.map(({ type, id }) => chatKey(type, id)))
    for (const key of emptied(before, this.#marks, listed)) this.#put(key, { text: '', quote: null, calls: [] }, { at: 0, sent: true })
    this.#keep()
  }

  /** The server's draft of a chat, which another device may have written. */
  take({ type, id, msg, refer, note, time }: Draft): void {
    const key = chatKey(type, id)
    if (!replaces(this.#marks.get(key), time)) return
    const { quote } = this.#unsent(key)
    const mark = { at: time, sent: true }
    this.#put(key, { text: msg, quote: quote && quote.id === refer ? quote : null, calls: callsOfNote(msg, note) }, mark)
    if (refer && quote?.id !== refer) void this.#quote(key, refer, mark)
    this.#keep()
  }

  /** Adds the message that a draft answers. */
  async #quote(key: ChatKey, id: string, mark: Mark): Promise<void> {
    const { me, signal } = this.#context
    try {
      const [[row], { quoteOf }] = await Promise.all([messagesAround(key, id, { num: 1, signal }), import('@/composer/send')])
      if (!row || this.#marks.get(key) !== mark) return
      this.#put(key, { ...this.#unsent(key), quote: quoteOf(messageFrom(row, me)) }, mark)
      this.#keep()
    } catch {
      // The message is gone.
    }
  }

  #sendAll(): void {
    clearTimeout(this.#sender)
    this.#sender = undefined
    if (this.#context.connected()) for (const key of toSend(this.#marks)) void this.#send(key)
  }

  async #send(key: ChatKey): Promise<void> {
    const mark = this.#marks.get(key)
    if (!mark || this.#refused.has(key)) return
    const { type, id } = chatRef(key)
    const { text, quote, calls } = this.#unsent(key)
    const note = noteOf(calls)
    try {
      const now = await this.#context.request('set draft', { type, id, msg: text, ...(quote && { refer: quote.id }), ...(note && { note }), age: Math.max(0, Date.now() - mark.at) })
      if (this.#marks.get(key) !== mark) return // it was changed meanwhile
      this.#marks.set(key, { at: now.time, sent: true })
      this.#changed.add(key)
      // Another device has written later.
      if (now.msg !== text || (now.refer ?? '') !== (quote?.id ?? '')) this.take(now)
      this.#keep()
    } catch (error) {
      if (!(error instanceof SocketError && error.message === offline)) this.#refused.add(key)
    }
  }

  // On this device

  /** What is written in the chat, also while a message is being edited there. */
  #unsent(key: ChatKey): Earlier {
    const draft = this.#context.state().drafts[key]
    return draft?.editing ?? { text: draft?.text ?? '', quote: draft?.quote ?? null, calls: draftCalls(key, draft?.text ?? '') }
  }

  /** Changes what is written in the chat. A message that is being edited there stays in the field. */
  #put(key: ChatKey, { text, quote, calls }: Earlier, mark: Mark): void {
    const { [key]: now } = this.#context.state().drafts
    if (!now?.editing) setCalls(key, text, calls)
    const draft = now?.editing ? { ...now, editing: { ...now.editing, text, quote, calls } } : { text, quote }
    this.#context.update((s) => ({ ...s, drafts: withDraft(s.drafts, key, draft) }))
    this.#marks.set(key, mark)
    this.#changed.add(key)
  }

  /** Keeps the first change at once, and those that follow quickly at a bounded pace. */
  #keepSoon(): void {
    if (this.#timer !== undefined) return
    this.#keep()
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      if (this.#changed.size > 0) this.#keepSoon()
    }, pace)
  }

  /** Another tab has written. A draft that is being written here stays. */
  #adopt(key: ChatKey, kept: string | null): void {
    if (this.#changed.has(key)) return
    const { draft, mark } = parse(kept)
    this.#context.update((s) => ({ ...s, drafts: withDraft(s.drafts, key, draft) }))
    if (mark && !isThreadDraft(key)) this.#marks.set(key, mark)
    else this.#marks.delete(key)
  }

  #keep(): void {
    for (const key of this.#changed) {
      const draft = this.#context.state().drafts[key]
      const mark = this.#marks.get(key)
      if (!draft && mark?.sent) this.#marks.delete(key)
      try {
        // Without a mark, only the text of a message is being edited: there is nothing to send.
        if (draft || mark?.sent === false) localStorage.setItem(this.#under + key, JSON.stringify({ text: '', ...draft, ...(mark ?? { at: 0, sent: true }) }))
        else localStorage.removeItem(this.#under + key)
      } catch {
        // No room: then it lasts as long as the page.
      }
    }
    this.#changed.clear()
  }

  #all(): Record<ChatKey, Unsent> {
    let drafts: Record<ChatKey, Unsent> = {}
    for (const entry of keysUnder(this.#under)) {
      const key = entry.slice(this.#under.length)
      const { draft, mark } = parse(localStorage.getItem(entry))
      drafts = withDraft(drafts, key, draft)
      if (mark && !isThreadDraft(key)) this.#marks.set(key, mark)
    }
    return drafts
  }
}

const keysUnder = (prefix: string): string[] => Object.keys(localStorage).filter((key) => key.startsWith(prefix))

function parse(kept: string | null): { draft: Unsent | null; mark?: Mark } {
  try {
    const { text, quote, editing, at = 0, sent = false } = JSON.parse(kept ?? 'null') as Partial<Unsent & Mark>
    if (typeof text === 'string') return { draft: { text, quote: quote ?? null, ...(editing && { editing }) }, mark: { at, sent } }
  } catch {
    // As if nothing was kept.
  }
  return { draft: null }
}

function withDraft(drafts: Record<ChatKey, Unsent>, key: ChatKey, draft: Unsent | null): Record<ChatKey, Unsent> {
  if (draft && (draft.text || draft.quote || draft.editing)) return { ...drafts, [key]: draft }
  const { [key]: _, ...rest } = drafts
  return rest
}
