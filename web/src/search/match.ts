import { fold, foldSought } from '@/chatlist/filter'
import type { Chat } from '@/state/model'

/** How well a name fits what is sought: 3 it begins with it, 2 a word does, 1 it is somewhere in it, 0 not at all. */
export function fit(name: string, sought: string): 0 | 1 | 2 | 3 {
  const [inName, wanted] = [fold(name), foldSought(sought)]
  const at = inName.indexOf(wanted)
  if (at < 0) return 0
  if (at === 0) return 3
  return inName.split(/[\s\p{P}]+/u).some((word) => word.startsWith(wanted)) ? 2 : 1
}

/** The chats whose names fit best; of equally good ones those come first that come first in the list. */
export function bestChats(chats: Chat[], sought: string, titleOf: (chat: Chat) => string, most: number): Chat[] {
  if (!sought.trim()) return chats.slice(0, most)
  const found: { chat: Chat; how: number }[] = []
  for (const chat of chats) {
    const how = fit(titleOf(chat), sought)
    if (how > 0) found.push({ chat, how })
  }
  return found
    .toSorted((a, b) => b.how - a.how)
    .slice(0, most)
    .map((f) => f.chat)
}
