import type { Message } from '@/state/model'

// The server forgets the text of a withdrawn message. Who withdrew their own may want
// to correct it, so it is kept here until the page is left.
const texts = new Map<string, string>()

export function rememberText(message: Message): void {
  if (message.mine && message.kind === 'text' && message.id) texts.set(message.id, message.text)
}

/** The text of an own message that was withdrawn here. */
export const rememberedText = (id: string | null): string | undefined => (id ? texts.get(id) : undefined)
