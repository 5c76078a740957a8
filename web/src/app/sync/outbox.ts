// Sends messages: uploads what belongs to them, waits for a connection, and sends again until the server has answered.
// A message keeps its waiting id for ever, so that the server has it once, however often it is sent.
import type { Requests, Sent } from '@/wire/wire.gen'
import { pause } from '@/api/http'
import { extensionOf, upload } from '@/api/upload'
import { textOf } from '@/lib/refusal'
import { fileName } from '@/lib/plain'
import { waitingId as newWaitingId } from '@/lib/waiting-id'
import { rememberCalls } from '@/message/sentCalls'
import { changeChat, messageInList } from '@/state/chatlist'
import { faceOf } from '@/state/apply'
import { cardTo, fileTo, messageFrom, typeOf, uploadTypeOf } from '@/state/from-wire'
import { chatRef, type ChatKey, type Draft, type FileInfo, type Me } from '@/state/model'
import { acknowledged, changeWaiting, dequeue, enqueue, outgoing, setSending } from '@/state/outbox'
import { offline, SocketError } from '@/socket/connection'
import type { Context } from './context'
import { forget, keep, keptBy, type Kept } from './kept'
import { mentionIn, passing } from './mentioning'

const attempts = 5

// Nothing but the refusal tells it.
const relationEnded = new Set(['removeit', 'group not found'])

export class Outbox {
  readonly #context: Context
  /** Asked of the server, not answered. */
  readonly #flying = new Set<string>()
  readonly #waiting = new Map<string, Kept>()
  readonly #uploads = new Map<string, { file: File; stop: AbortController | null }>()
  /** Those that are kept across reloads. */
  readonly #saved = new Set<string>()
  /** Settled when what was last handed over in this turn of the page is on its way, or is not going to be. */
  #before: Promise<void> | null = null

  constructor(context: Context) {
    this.#context = context
    // Uploads are lost when the page is closed, so the browser asks first.
    const ask = (e: BeforeUnloadEvent): void => {
      if (this.#uploads.size > 0) e.preventDefault()
    }
    addEventListener('beforeunload', ask, { signal: context.signal })
    context.signal.addEventListener('abort', () => {
      for (const u of this.#uploads.values()) u.stop?.abort()
    })
    for (const kept of keptBy(context.me).toSorted((a, b) => a.at - b.at)) this.#restore(kept)
  }

  send(chat: ChatKey, draft: Draft, me: Me): void {
    const waitingId = newWaitingId()
    const { upload: file, ...rest } = draft
    const kept: Kept = { chat, waitingId, draft: rest, at: Date.now() }
    const shown = outgoing(chat, draft, waitingId, me, kept.at)
    if (file) shown.localFile = URL.createObjectURL(file)
    this.#context.update((s) => enqueue(s, shown))
    this.#waiting.set(waitingId, kept)
    // Files that are sent together, and the words with them, arrive in the order in which they were chosen. Uploads
    // run side by side all the same, and what is written later waits for none of them.
    const before = this.#before
    if (file) this.#uploads.set(waitingId, { file, stop: null })
    else this.#save(kept)
    const gone = file ? this.#upload(kept, before) : this.#sendAfter(kept, before)
    this.#before = gone
    setTimeout(() => {
      if (this.#before === gone) this.#before = null
    })
  }

  async #sendAfter(kept: Kept, before: Promise<void> | null): Promise<void> {
    if (before) await before
    if (this.#waiting.has(kept.waitingId)) await this.#send(kept)
  }

  retry(chat: ChatKey, key: string, asFile = false): void {
    const kept = this.#waiting.get(key)
    if (!kept) return
    delete kept.failed
    if (asFile) {
      kept.draft = { ...kept.draft, kind: 'file' }
      this.#context.update((s) => changeWaiting(s, chat, key, (m) => ({ ...m, kind: 'file' })))
    }
    if (this.#uploads.has(key)) {
      this.#context.update((s) => setSending(s, chat, key, { state: 'uploading', fraction: 0 }))
      void this.#upload(kept)
      return
    }
    this.#save(kept)
    this.#context.update((s) => setSending(s, chat, key, { state: 'waiting' }))
    void this.#send(kept)
  }

  discard(chat: ChatKey, key: string): void {
    this.#uploads.get(key)?.stop?.abort()
    const localFile = this.#context.state().conversations[chat]?.outbox.find((m) => m.key === key)?.localFile
    if (localFile) URL.revokeObjectURL(localFile)
    this.#done(key)
    this.#context.update((s) => dequeue(s, chat, key))
  }

  /** There is a connection: everything that waits is sent, in its order. */
  flush(): void {
    for (const kept of this.#waiting.values()) {
      if (kept.failed !== undefined || this.#uploads.has(kept.waitingId)) continue
      void (kept.sentAs === undefined ? this.#send(kept) : this.#mention(kept, kept.sentAs))
    }
  }

  #restore(kept: Kept): void {
    this.#waiting.set(kept.waitingId, kept)
    this.#saved.add(kept.waitingId)
    const { me } = this.#context.state()
    if (kept.sentAs !== undefined || !me) return
    const shown = outgoing(kept.chat, kept.draft, kept.waitingId, me, kept.at)
    if (kept.failed !== undefined) shown.sending = { state: 'failed', reason: kept.failed }
    this.#context.update((s) => enqueue(s, shown))
  }

  async #upload(kept: Kept, before: Promise<void> | null = null): Promise<void> {
    const { chat, waitingId, draft } = kept
    const entry = this.#uploads.get(waitingId)
    if (!entry) return
    const stop = new AbortController()
    entry.stop = stop
    const progress = (fraction: number): void => this.#context.update((s) => setSending(s, chat, waitingId, { state: 'uploading', fraction }))
    try {
      const leave = await this.#leave(draft.kind, fileName(entry.file.name), stop.signal)
      const stored = await upload(leave, entry.file, { progress, signal: stop.signal })
      const file: FileInfo = {
        ...draft.file,
        key: stored.key,
        name: draft.file?.name || fileName(entry.file.name),
        size: stored.size ?? entry.file.size,
        type: draft.file?.type || entry.file.type || (stored.mimeType ?? ''),
        ...(stored.width && stored.height && { width: stored.width, height: stored.height }),
      }
      if (stop.signal.aborted) return
      kept.draft = { ...draft, file }
      this.#uploads.delete(waitingId)
      this.#save(kept)
      this.#context.update((s) => changeWaiting(s, chat, waitingId, (m) => ({ ...m, file, sending: { state: 'waiting' } })))
      await this.#sendAfter(kept, before)
    } catch (error) {
      if (!stop.signal.aborted) this.#fail(kept, textOf(error))
    }
  }

  /** Leave to upload, as soon as there is a connection. */
  async #leave(kind: Draft['kind'], name: string, signal: AbortSignal): Promise<Requests['upload token']['result']> {
    const ext = extensionOf(name)
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#context.request('upload token', { type: uploadTypeOf(kind), ...(ext && { ext }) })
      } catch (error) {
        if (!(error instanceof SocketError) || (error.message !== offline && (!passing.has(error.message) || attempt === attempts))) throw error
        await pause(1000, signal)
      }
    }
  }

  async #send(kept: Kept): Promise<void> {
    const { waitingId } = kept
    if (this.#flying.has(waitingId)) return
    this.#flying.add(waitingId)
    try {
      for (let attempt = 1; ; attempt++) {
        try {
          this.#stored(kept, await this.#ask(kept))
          return
        } catch (error) {
          if (!this.#waiting.has(waitingId) || this.#context.signal.aborted) return
          const text = error instanceof Error ? error.message : String(error)
          // The next connection sends it again; a server that has only not answered is asked again.
          if (text === offline && !this.#context.connected()) return
          if (text !== offline && (!passing.has(text) || attempt === attempts)) {
            this.#fail(kept, text)
            return
          }
          await pause(1000 * attempt, this.#context.signal).catch(() => undefined)
          if (!this.#context.connected()) return
        }
      }
    } finally {
      this.#flying.delete(waitingId)
      // Lost and found again while it was in the air: the flush of that connection passed it over.
      if (this.#waiting.has(waitingId) && kept.failed === undefined && kept.sentAs === undefined && this.#context.connected() && !this.#context.signal.aborted)
        queueMicrotask(() => void this.#send(kept))
    }
  }

  #ask({ chat, waitingId, draft }: Kept): Promise<Sent> {
    const { type, id } = chatRef(chat)
    const content = {
      msg: draft.text,
      type: typeOf(draft.kind),
      waitingid: waitingId,
      ...(draft.file && { file: fileTo(draft.file, draft.kind) }),
      ...(draft.card && { card: cardTo(draft.card) }),
      ...(draft.place && { location: draft.place }),
      ...(draft.quote && { refer: { msgid: draft.quote.id } }),
    }
    return type === 2
      ? this.#context.request('send group message', { togroup: id, ...content })
      : this.#context.request('send message', { touser: id, ...content })
  }

  #stored(kept: Kept, { socket, id }: Sent): void {
    if (kept.draft.calls) rememberCalls(id, kept.draft.calls)
    const m = { ...messageFrom(socket, this.#context.me), chat: kept.chat }
    this.#context.update((s) => messageInList(acknowledged(s, kept.waitingId, m), m, faceOf(socket, m)))
    if (!kept.draft.mentions?.length || chatRef(kept.chat).type !== 2) {
      this.#done(kept.waitingId)
      return
    }
    kept.sentAs = id
    this.#save(kept)
    void this.#mention(kept, id)
  }

  async #mention(kept: Kept, messageId: string): Promise<void> {
    try {
      await mentionIn(this.#context.request, chatRef(kept.chat).id, messageId, kept.draft.mentions ?? [])
    } catch {
      return // the next connection tells them
    }
    this.#done(kept.waitingId)
  }

  #fail(kept: Kept, reason: string): void {
    kept.failed = reason
    if (!this.#uploads.has(kept.waitingId)) this.#save(kept)
    this.#context.update((s) => setSending(relationEnded.has(reason) ? changeChat(s, kept.chat, (c) => ({ ...c, active: false })) : s, kept.chat, kept.waitingId, { state: 'failed', reason }))
  }

  #save(kept: Kept): void {
    this.#saved.add(kept.waitingId)
    keep(this.#context.me, kept)
  }

  #done(waitingId: string): void {
    this.#waiting.delete(waitingId)
    this.#uploads.delete(waitingId)
    if (this.#saved.delete(waitingId)) forget(this.#context.me, waitingId)
  }
}
