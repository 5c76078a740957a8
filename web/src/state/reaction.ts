// Emoji on messages, and the mark that a reaction leaves in the chat list.
import type * as wire from '@/wire/wire.gen'
import { plain } from '@/lib/plain'
import type { Chat, Reaction } from './model'

/** The order of the server: that of most people first, then by code points. */
function compareReactions(a: Reaction, b: Reaction): number {
  if (a.count !== b.count) return b.count - a.count
  const [left, right] = [[...a.emoji], [...b.emoji]]
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const difference = (left[i]?.codePointAt(0) ?? 0) - (right[i]?.codePointAt(0) ?? 0)
    if (difference !== 0) return difference
  }
  return left.length - right.length
}

const usersOf = (users: readonly wire.Name[]): Reaction['users'] => users.map(({ id, name }) => ({ id, name: plain(name) }))

export const reactionsFrom = (all: readonly wire.Reaction[] | undefined): readonly Reaction[] =>
  (all ?? []).map(({ emoji, count, mine, users }) => ({ emoji, count, mine: mine ?? false, users: usersOf(users) })).sort(compareReactions)

/** The reactions after somebody has put an emoji on the message or removed it. */
export function withReaction(all: readonly Reaction[] | undefined, r: wire.MessageReaction, me: string): readonly Reaction[] {
  const before = all?.find(({ emoji }) => emoji === r.emoji)
  const others = (all ?? []).filter(({ emoji }) => emoji !== r.emoji)
  if (r.count === 0) return others
  const mine = r.by.id === me ? r.isOn : (before?.mine ?? false)
  return [...others, { emoji: r.emoji, count: r.count, mine, users: usersOf(r.users) }].sort(compareReactions)
}

/** The reactions after somebody has got another name. */
export function withName(all: readonly Reaction[], { id, name }: { id: string; name: string }): readonly Reaction[] {
  if (!all.some(({ users }) => users.some((user) => user.id === id && user.name !== name))) return all
  return all.map((reaction) => ({ ...reaction, users: reaction.users.map((user) => (user.id === id ? { id, name } : user)) }))
}

export const markFrom = (m: wire.ReactionMark): NonNullable<Chat['reaction']> => ({ id: m.msgid, emoji: m.emoji, by: { id: m.by.id, name: plain(m.by.name) } })

/** The line of a chat that somebody has reacted in. doubt: the server has to be asked. */
export function withMark(chat: Chat, r: wire.MessageReaction, me: string): { chat: Chat; doubt: boolean } {
  if (r.from !== me || r.by.id === me) return { chat, doubt: false }
  if (r.isOn) return { chat: r.mark ? { ...chat, reaction: { id: r.id, emoji: r.emoji, by: { id: r.by.id, name: plain(r.by.name) } } } : chat, doubt: false }
  // Another reaction to the message may be the latest now.
  return { chat, doubt: chat.reaction?.id === r.id }
}

export function unmarked(chat: Chat): Chat {
  if (!chat.reaction) return chat
  const { reaction: _, ...rest } = chat
  return rest
}
