import { createContext, use } from 'react'
import type { Message } from '@/state/model'
import type { Command } from './commands'
import type { Withdrawn } from './withdrawn'

/** What the rows of a conversation ask of it. The value stays the same while the chat is open. */
export interface RowActions {
  commands: (message: Message) => Command[]
  /** `selected` is the text that is selected inside the message; copying takes it instead of the whole. */
  run: (command: Command, message: Message, selected?: string) => void
  jumpTo: (messageId: string) => void
  openImage: (message: Message) => void
  editAgain: (withdrawn: Withdrawn) => void
  /** The reader may put emoji on the messages. */
  canReact: boolean
  /** The reader may pin messages. */
  canPin: boolean
  /** In a thread: the message that is answered. */
  thread?: string
  /** Names of members and authors, for what stands behind an @; the longest first. */
  names: readonly string[]
}

export const RowContext = createContext<RowActions | null>(null)

export function useRowActions(): RowActions {
  const found = use(RowContext)
  if (!found) throw new Error('a message stands outside of a conversation')
  return found
}
