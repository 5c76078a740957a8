import type { Message } from '@/state/model'

interface Words {
  /** What stands above the messages of one person. */
  heading: (message: Message) => string
  /** A whole message. */
  whole: (message: Message) => string
}

/**
 * The text for the clipboard when a selection reaches into several messages. It does not depend on how the selection was made.
 * Above each run of one person's messages stands who wrote them; of the first and the last message only the selected
 * part is copied. null: the selection is inside one message, and the browser copies it.
 */
export function copiedText(selection: Selection | null, list: Element, messages: readonly Message[], { heading, whole }: Words): string | null {
  if (!selection || selection.isCollapsed || selection.rangeCount === 0) return null
  const range = selection.getRangeAt(0)
  const byKey = new Map(messages.map((message) => [message.key, message]))
  const parts: { message: Message; text: string }[] = []
  for (const row of list.querySelectorAll<HTMLElement>('[data-message]')) {
    const message = byKey.get(row.dataset.message ?? '')
    if (!message || !range.intersectsNode(row)) continue
    if (row.contains(range.startContainer) && row.contains(range.endContainer)) return null
    const text = selectedOf(range, row.querySelector('[data-text]') ?? row, message, whole)
    if (text) parts.push({ message, text })
  }
  if (parts.length === 0) return null
  const lines = parts.flatMap(({ message, text }, i) => {
    const before = parts[i - 1]?.message
    const same = before && message.kind !== 'system' && before.kind !== 'system' && before.from.id === message.from.id
    return same || message.kind === 'system' ? [text] : [heading(message), text]
  })
  return lines.join('\n')
}

/** The selected part of what a message says. Where no words can be selected, it is all or nothing. */
function selectedOf(range: Range, body: Element, message: Message, whole: (message: Message) => string): string {
  const all = document.createRange()
  all.selectNodeContents(body)
  const part = all.cloneRange()
  if (part.compareBoundaryPoints(Range.START_TO_START, range) < 0) part.setStart(range.startContainer, range.startOffset)
  if (part.compareBoundaryPoints(Range.END_TO_END, range) > 0) part.setEnd(range.endContainer, range.endOffset)
  if (part.toString() === all.toString() && (all.toString() !== '' || range.comparePoint(body, body.childNodes.length) === 0)) return whole(message)
  return body.hasAttribute('data-text') ? part.toString().trim() : ''
}
