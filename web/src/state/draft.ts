// Which draft is the newest, the one of this device or that of the server.
import type { ChatKey, Quote, Unsent } from './model'

/** What is known of a draft besides what is written. */
export interface Mark {
  /** When it was written, Unix milliseconds: by the clock of the server if `sent`, else by that of this device. */
  at: number
  /** The server has it. */
  sent: boolean
}

export type Marks = ReadonlyMap<ChatKey, Mark>

/** The drafts that the server does not have. It compares their age with what it has. */
export const toSend = (marks: Marks): ChatKey[] => [...marks].filter(([, { sent }]) => !sent).map(([key]) => key)

/** Whether a draft of the server, written at `time`, takes the place of the one that is here. */
export const replaces = (mark: Mark | undefined, time: number): boolean => !mark || (mark.sent && time >= mark.at)

/** The drafts that another device has emptied or sent: `before`, the server had them, and it does not list them any more. */
export const emptied = (before: Marks, now: Marks, listed: ReadonlySet<ChatKey>): ChatKey[] =>
  [...before].filter(([key, mark]) => mark.sent && !listed.has(key) && now.get(key) === mark).map(([key]) => key)

/** What is written to be sent: not the text of a message that is being edited. */
export const unsentIn = ({ text, quote, editing }: Unsent): { text: string; quote: Quote | null } => editing ?? { text, quote }
