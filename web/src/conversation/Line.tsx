import { memo } from 'react'
import { MessageRow } from '@/message/MessageRow'
import type { Conversation, Message } from '@/state/model'
import { DateLine, LoadingLine, NewLine, ShakeLine, StartLine } from './Lines'
import type { Row } from './rows'

interface LineProps {
  row: Row
  conversation: Conversation
  selected: boolean
  lit: boolean
}

const sameAlbum = (a: readonly Message[] | undefined, b: readonly Message[] | undefined): boolean => a?.length === b?.length && (a ?? []).every((message, i) => message === b?.[i])

/** One line of a conversation. It is drawn anew only when what it shows is another. */
export const Line = memo(
  function Line({ row, conversation, selected, lit }: LineProps) {
    switch (row.kind) {
      case 'message':
        return <MessageRow message={row.message} album={row.album} head={row.head} tail={row.tail} selected={selected} lit={lit} />
      case 'date':
        return <DateLine at={row.at} />
      case 'new':
        return <NewLine />
      case 'shake':
        return <ShakeLine chat={conversation.key} shake={row.shake} />
      case 'start':
        return <StartLine />
      case 'loading':
        return <LoadingLine conversation={conversation} end={row.key === 'newer'} />
    }
  },
  // Rows are made anew with every change of the conversation; what they show mostly stays.
  (a, b) =>
    a.selected === b.selected &&
    a.lit === b.lit &&
    a.row.key === b.row.key &&
    (a.row.kind !== 'message' || b.row.kind !== 'message' || (a.row.message === b.row.message && sameAlbum(a.row.album, b.row.album) && a.row.head === b.row.head && a.row.tail === b.row.tail)) &&
    (a.row.kind !== 'shake' || b.row.kind !== 'shake' || a.row.shake === b.row.shake) &&
    (a.row.kind !== 'loading' || a.conversation === b.conversation),
)
