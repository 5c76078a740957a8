// Keeps the chat list and the latest messages of the chats opened last in the browser's IndexedDB, by account, and shows
// them at the next start until the server answers. All of it is a copy of what the server has: it is removed when the
// session ends, and the browser may remove it at any time.
import { base } from '@/app/base'
import { newConversation, withdrawIn } from '@/state/conversation'
import { endToKeep, listToKeep, withKeptList, type KeptList } from '@/state/lastVisit'
import type { ChatKey, Message } from '@/state/model'
import type { State } from '@/state/store'
import type { Context } from './context'

// Milliseconds from a change until it is written, with the others that follow.
const pace = 500
const mostConversations = 30

// Increase this when what is kept gets another form; the browser then begins with nothing.
const version = 1
const lists = 'lists'
const ends = 'ends'

interface KeptEnd {
  account: string
  chat: ChatKey
  /** When it was opened or changed last, Unix milliseconds. */
  at: number
  messages: Message[]
}

/** Everything that is kept of an account. */
const everyEnd = (account: string): IDBKeyRange => IDBKeyRange.bound([account], [account, []])

export class LastVisit {
  readonly #context: Context
  /** null: the browser keeps nothing. */
  readonly #database: Promise<IDBDatabase | null>
  #timer: ReturnType<typeof setTimeout> | undefined
  #listChanged = false
  readonly #changed = new Map<ChatKey, Message[]>()
  /** Messages that were withdrawn during this visit. */
  readonly #withdrawn = new Set<string>()

  /** `accounts`: those that are signed in with this browser. What is kept of others is removed. */
  constructor(context: Context, accounts: readonly string[]) {
    this.#context = context
    this.#database = open().catch(() => null)
    void this.#removeOthers(accounts)
    void this.#showList()
    const { signal } = context
    const write = (): void => void this.#write()
    addEventListener('pagehide', write, { signal })
    signal.addEventListener('abort', () => clearTimeout(this.#timer))
  }

  /** What is shown has changed. */
  changed(state: State, before: State): void {
    let erased = false
    if (state.remembered !== before.remembered) this.#listChanged = true
    if (state.chats !== before.chats || state.order !== before.order) {
      this.#listChanged = true
      for (const key of Object.keys(state.chats)) {
        const chat = state.chats[key]
        const was = before.chats[key]
        if (!chat || was === chat || chat.old !== undefined) continue
        if (chat.preview.withdrawn && !(was?.preview.withdrawn && was.lastId === chat.lastId)) {
          this.#erase(key, chat.lastId, chat.preview.text, chat.preview.byAdmin)
          erased = true
        }
        if (chat.left && (!was?.left || was.old !== undefined)) this.remove(key)
      }
    }
    if (state.conversations !== before.conversations) {
      for (const [key, c] of Object.entries(state.conversations)) {
        const messages = c.messages !== before.conversations[key]?.messages && !state.chats[key]?.left && endToKeep(c)
        if (messages) this.#changed.set(key, messages)
      }
    }
    if (erased) void this.#write()
    else if ((this.#listChanged || this.#changed.size > 0) && this.#timer === undefined) this.#timer = setTimeout(() => void this.#write(), pace)
  }

  /** A message was withdrawn: its content must not be shown again, whether its chat is open or not. */
  withdrawn(chat: ChatKey, id: string, notice: string, by?: string): void {
    this.#erase(chat, id, notice, by)
    void this.#write()
  }

  #erase(chat: ChatKey, id: string, notice: string, by?: string): void {
    this.#withdrawn.add(id)
    const erased = (messages: Message[]): Message[] => withdrawIn({ ...newConversation(chat), messages }, id, notice, by).messages
    const waiting = this.#changed.get(chat)
    if (waiting) this.#changed.set(chat, erased(waiting))
    void this.#change([ends], async (of) => {
      const kept = await found<KeptEnd>(of(ends).get([this.#context.me, chat]))
      if (!kept) return
      const messages = erased(kept.messages)
      if (messages !== kept.messages) of(ends).put({ ...kept, messages })
    })
  }

  /** Removes what is kept of a chat: it cannot be read any more. */
  remove(chat: ChatKey): void {
    this.#changed.delete(chat)
    void this.#change([ends], (of) => void of(ends).delete([this.#context.me, chat]))
  }

  /** The latest messages of a chat, as the last visit knew them; none where nothing is kept. */
  async messages(chat: ChatKey): Promise<Message[]> {
    const kept = await this.#read<KeptEnd>(ends, [this.#context.me, chat])
    // A withdrawal came after the reading had begun.
    if (!kept || kept.messages.some((m) => m.id !== null && !m.withdrawn && this.#withdrawn.has(m.id))) return []
    return kept.messages
  }

  /** Removes everything of the account; its session has ended. */
  forget(): void {
    clearTimeout(this.#timer)
    const { me } = this.#context
    void this.#change([lists, ends], (of) => {
      of(lists).delete(me)
      of(ends).delete(everyEnd(me))
    })
  }

  async #showList(): Promise<void> {
    const kept = await this.#read<KeptList>(lists, this.#context.me)
    if (kept) this.#context.update((s) => withKeptList(s, kept))
  }

  async #write(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const { signal, state, me: account } = this.#context
    if (signal.aborted) return
    const list = this.#listChanged ? listToKeep(state()) : null
    const changed = [...this.#changed].map(([chat, messages]): KeptEnd => ({ account, chat, at: Date.now(), messages }))
    this.#listChanged = false
    this.#changed.clear()
    if (!list && changed.length === 0) return
    await this.#change([lists, ends], async (of) => {
      if (list) of(lists).put(list, account)
      for (const end of changed) of(ends).put(end)
      if (changed.length === 0) return
      const all = await found<KeptEnd[]>(of(ends).getAll(everyEnd(account)))
      const over = (all ?? []).toSorted((a, b) => b.at - a.at).slice(mostConversations)
      for (const { chat } of over) of(ends).delete([account, chat])
    })
  }

  async #removeOthers(accounts: readonly string[]): Promise<void> {
    await this.#change([lists, ends], async (of) => {
      const kept = new Set([...((await found(of(lists).getAllKeys())) ?? []).map(String), ...((await found(of(ends).getAllKeys())) ?? []).map((key) => String((key as string[])[0]))])
      for (const account of kept) {
        if (accounts.includes(account)) continue
        of(lists).delete(account)
        of(ends).delete(everyEnd(account))
      }
    })
  }

  async #read<T>(store: string, key: IDBValidKey): Promise<T | null> {
    try {
      const database = await this.#database
      return database && ((await found<T>(database.transaction(store).objectStore(store).get(key))) ?? null)
    } catch {
      return null
    }
  }

  /** Runs the changes as one transaction. Where that fails, nothing is kept. */
  async #change(stores: string[], change: (of: (store: string) => IDBObjectStore) => void | Promise<void>): Promise<void> {
    try {
      const transaction = (await this.#database)?.transaction(stores, 'readwrite')
      if (transaction) await change((store) => transaction.objectStore(store))
    } catch {
      // No room, or the browser is deleting it.
    }
  }
}

const found = <T>(asked: IDBRequest<T>): Promise<T | undefined> =>
  new Promise((resolve, reject) => {
    asked.addEventListener('success', () => resolve(asked.result))
    asked.addEventListener('error', () => reject(asked.error ?? new Error('IndexedDB')))
  })

async function open(): Promise<IDBDatabase> {
  // Another server below another path of this host has accounts of its own.
  const asked = indexedDB.open(`parley.last-visit${base}`, version)
  asked.addEventListener('upgradeneeded', () => {
    const { result: database } = asked
    for (const store of database.objectStoreNames) database.deleteObjectStore(store)
    database.createObjectStore(lists)
    database.createObjectStore(ends, { keyPath: ['account', 'chat'] })
  })
  const database = (await found(asked)) as IDBDatabase
  // A tab with a later version of the client waits for this.
  database.addEventListener('versionchange', () => database.close())
  return database
}
