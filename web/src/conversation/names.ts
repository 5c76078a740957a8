import { useMemo } from 'react'
import { useMemberNames } from '@/group/queries'
import { calledWords } from '@/message/text'
import { chatRef, type ChatKey, type Message } from '@/state/model'
import { useStore } from '@/state/store'

interface Found {
  /** Names of those who wrote the messages. */
  authors: string
  /** First words behind the `@`s in them. */
  called: string
}

const nothing: Found = { authors: '', called: '' }
const mostCalled = 20

// Asked for with every change of the page, answered anew only when messages came.
const known = new WeakMap<readonly Message[], Found>()

/** What the messages tell about names, a name or word on each line: as strings, so that the same names are the same value. */
function foundIn(messages: readonly Message[] | undefined): Found {
  if (!messages) return nothing
  let found = known.get(messages)
  if (!found) {
    const authors = new Set(messages.map((message) => message.from.name))
    const called = new Set(messages.flatMap(({ text }) => calledWords(text)))
    found = { authors: [...authors].filter(Boolean).join('\n'), called: [...called].slice(-mostCalled).join('\n') }
    known.set(messages, found)
  }
  return found
}

const lines = (text: string): string[] => (text === '' ? [] : text.split('\n'))

/** The names that may stand behind an `@` in the chat, the longest first. */
export function useNames(chat: ChatKey): readonly string[] {
  const { type, id } = chatRef(chat)
  const authors = useStore((s) => foundIn(s.conversations[chat]?.messages).authors)
  const called = useStore((s) => (type === 2 ? `${foundIn(s.conversations[chat]?.messages).called}\n${foundIn(s.conversations[chat]?.outbox).called}`.trim() : ''))
  const members = useMemberNames(id, useMemo(() => [...new Set(lines(called))], [called])).join('\n')
  return useMemo(() => [...new Set([...lines(authors), ...lines(members)])].sort((a, b) => b.length - a.length), [authors, members])
}
