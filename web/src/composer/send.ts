import type { Call, ChatKey, Draft, Message, Quote } from '@/state/model'
import { actions } from '@/state/store'
import { type Attachment, infoOf, release } from './attachment'
import { idsOf } from './mention'

interface Entered {
  text: string
  attachments: Attachment[]
  quote: Quote | null
  calls: Call[]
  /** It is sent from beside the conversation. */
  aside?: boolean
}

/** Length of the blank lines that the text begins with. */
export const blankStart = (text: string): number => /^\s*\n/.exec(text)?.[0].length ?? 0

/** The text without blank lines at its beginning and space at its end. The indentation of the first line stays: it may be code. */
export const withoutBlankEnds = (text: string): string => text.slice(blankStart(text)).trimEnd()

/** What is sent, in order. The text is the caption of the last file, so that there is no message of its own for it. */
export async function sendAll(chat: ChatKey, { text, attachments, quote, calls, aside = false }: Entered): Promise<void> {
  const mentions = idsOf(calls)
  const place = { ...(aside && { aside: true as const }) }
  const about = { ...place, ...(quote && { quote }), ...(mentions && { mentions, calls }) }
  if (attachments.length === 0) {
    actions().send(chat, { kind: 'text', text, ...about })
    return
  }
  const infos = await Promise.all(attachments.map(infoOf))
  // The quoted message goes with the text, or with the first file if there is no text.
  const spoken = text ? attachments.length - 1 : 0
  attachments.forEach(({ kind, file }, i) => {
    const draft: Draft = { kind, text: '', file: infos[i]!, upload: file, ...place }
    actions().send(chat, i === spoken ? { ...draft, text, ...about } : draft)
  })
  release(attachments)
}

/** A message as it is shown where it is answered. */
export function quoteOf(message: Message): Quote {
  const { id, kind, text, from, at, withdrawn, file, card, place } = message
  return { id: id ?? '', kind, text, from, at, withdrawn, ...(file && { file }), ...(card && { card }), ...(place && { place }) }
}
