import type { Connection } from '@/socket/connection'
import type { ChatKey } from '@/state/model'
import type { State } from '@/state/store'

/** What the parts of a session share. */
export interface Context {
  readonly me: string
  /** Ends with the session. */
  readonly signal: AbortSignal
  readonly request: Connection['request']
  connected(): boolean
  state(): State
  /** Changes what is shown; every push that came before is in it already. */
  update(change: (state: State) => State): void
  readonly touched: Touched
}

const uncertain = 1000

/**
 * When something was last heard of each chat, in steps of a counter. What is asked of the server while something is
 * heard may be older than that, or newer: nobody knows, so it is left, and asked again.
 */
export class Touched {
  #clock = 0
  #all = 0
  readonly #chats = new Map<ChatKey, number>()
  readonly #messages = new Map<ChatKey, number>()
  readonly #reads = new Map<ChatKey, number>()

  now(): number {
    return ++this.#clock
  }

  /** Something else than a message: a read, a setting, a removal. null: it concerns every chat. */
  chat(key: ChatKey | null): void {
    if (key === null) this.#all = ++this.#clock
    else this.#chats.set(key, ++this.#clock)
  }

  message(key: ChatKey): void {
    this.#messages.set(key, ++this.#clock)
  }

  /** The chat was read from here, or is looked at no longer. */
  read(key: ChatKey): void {
    this.chat(key)
    this.#reads.set(key, Date.now())
  }

  /** Whether a message that arrives now may be one that was read a moment ago: an acknowledgement may overtake it. */
  readJustNow(key: ChatKey): boolean {
    return Date.now() - (this.#reads.get(key) ?? 0) < uncertain
  }

  /** Whether more than messages has been heard of the chat since. */
  since(key: ChatKey, step: number): boolean {
    return this.#all > step || (this.#chats.get(key) ?? 0) > step
  }

  /** Whether anything at all has been heard of the chat since. */
  atAllSince(key: ChatKey, step: number): boolean {
    return this.since(key, step) || (this.#messages.get(key) ?? 0) > step
  }
}
