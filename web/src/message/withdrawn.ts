import type { Call, Message } from '@/state/model'
import { sentCalls } from './sentCalls'

/** The text of an own message that was withdrawn here, and whom it mentioned. */
export interface Withdrawn {
  text: string
  calls: readonly Call[]
}

// The server forgets the text of a withdrawn message. The author may want to correct it, so it is kept here until the
// page is left.
const texts = new Map<string, Withdrawn>()

export function rememberText(message: Message): void {
  if (message.mine && message.kind === 'text' && message.id) texts.set(message.id, { text: message.text, calls: sentCalls(message.id) })
}

export const rememberedText = (id: string | null): Withdrawn | undefined => (id ? texts.get(id) : undefined)
