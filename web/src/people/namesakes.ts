import { type Chat, type ChatKey, fileTransfer } from '@/state/model'
import { useStore } from '@/state/store'
import { useProfile } from './queries'

const known = new WeakMap<Readonly<Record<ChatKey, Chat>>, ReadonlySet<string>>()

/** The names that several people of the chat list have. */
export function sharedNames(chats: Readonly<Record<ChatKey, Chat>>): ReadonlySet<string> {
  let shared = known.get(chats)
  if (!shared) {
    const once = new Set<string>()
    const twice = new Set<string>()
    for (const { ref, name } of Object.values(chats)) {
      if (ref.type !== 1 || ref.id === fileTransfer) continue
      if (once.has(name)) twice.add(name)
      once.add(name)
    }
    known.set(chats, (shared = twice))
  }
  return shared
}

/** Whether somebody else in the chat list has the same name as the person of this chat. */
export const useHasNamesake = (chat: ChatKey): boolean =>
  useStore((s) => {
    const one = s.chats[chat]
    return one?.ref.type === 1 && sharedNames(s.chats).has(one.name)
  })

/** The e-mail address of a person, as far as the reader may see it. */
export const useEmail = (id: string): string => useProfile(id, 300_000).data?.email ?? ''
