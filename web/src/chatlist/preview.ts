import { withEmotions } from '@/message/emotions'
import { withoutMarks } from '@/message/marks'
import { wordReport, wordWithdrawal } from '@/message/report'
import { previewOf as lineOf } from '@/state/from-wire'
import type { Chat, Message, MessageKind } from '@/state/model'

export interface Preview {
  tag: 'draft' | 'mention' | 'shake' | null
  /** Who wrote it: a name, `me`, or nobody where that goes without saying. */
  by: { name: string } | 'me' | null
  /** A kind that is shown by its icon. */
  kind: Exclude<MessageKind, 'text' | 'system'> | null
  text: string
}

/**
 * The second line of a row. A draft comes before everything, unless the chat is open: there it stands in the
 * composer. `unsent` is a message that the server does not have, shown in place of the last one.
 */
export function previewOf(chat: Chat, draft: string, me: string | undefined, open: boolean, unsent?: Message): Preview {
  const written = draft.trim()
  if (written && !open) return { tag: 'draft', by: null, kind: null, text: line(written) }
  const shown = unsent ? lineOf(unsent) : chat.preview
  const { from, kind, withdrawn, byAdmin, report } = shown
  const text = withdrawn ? wordWithdrawal(from, byAdmin, me) : ((report && wordReport(report, me)) ?? shown.text)
  const plain = withdrawn || kind === null || kind === 'system'
  return {
    tag: chat.mentions.length > 0 ? 'mention' : chat.shakenAt ? 'shake' : null,
    by: plain || chat.ref.type !== 2 || !from.id ? null : from.id === me ? 'me' : { name: from.name },
    kind: plain || kind === 'text' ? null : kind,
    text: line(text),
  }
}

const line = (text: string): string => withEmotions(withoutMarks(text.slice(0, 200))).replace(/\s+/g, ' ')
