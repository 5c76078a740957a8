import type { Message } from '@/state/model'

// Asked for with every change of the page, answered anew only when messages came.
const known = new WeakMap<readonly Message[], string>()

/** The names of those who wrote the messages, a line each, the longest first. A string, so that the same names are the same value. */
export function namesOf(messages: readonly Message[] | undefined): string {
  if (!messages) return ''
  let names = known.get(messages)
  if (names === undefined) {
    names = [...new Set(messages.map((message) => message.from.name))]
      .filter(Boolean)
      .sort((a, b) => b.length - a.length)
      .join('\n')
    known.set(messages, names)
  }
  return names
}
