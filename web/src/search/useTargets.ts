import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { getPerson } from '@/api/people'
import { searchAll } from '@/api/search'
import { shownChat } from '@/app/paths'
import { newChat } from '@/state/chatlist'
import { useChatTitle } from '@/chatlist/useChatTitle'
import { useDebounced } from '@/lib/useDebounced'
import { chatKey, fileTransfer, isInbox, type Chat, type ChatKey } from '@/state/model'
import { useStore } from '@/state/store'
import { bestChats } from './match'

export interface Target {
  key: ChatKey
  chat: Pick<Chat, 'ref' | 'name' | 'avatar'>
  title: string
  /** Tells it from others of the same name. */
  about: string
  unread: number
}

interface Options {
  /** How many of the list, and how many of each kind that the server finds. */
  most: number
  /** Only chats to which the user may send messages. */
  writable?: boolean
}

const myDevices = newChat(chatKey(1, fileTransfer))
const nobody: string[] = []

/**
 * Chats that fit the text: first those of the list, by their names, then the people and groups that the server finds by
 * name, pinyin or e-mail, whether or not there is a chat with them. Without a text, the list.
 * `settled`: the answer to this text is there.
 */
export function useTargets(text: string, { most, writable = false }: Options): { targets: Target[]; settled: boolean } {
  const { t } = useTranslation('search')
  const title = useChatTitle()
  const sought = text.trim()
  const settled = useDebounced(sought, 150)
  const asked = useQuery({
    queryKey: ['search', 'targets', settled, most],
    queryFn: ({ signal }) => searchAll(['people', 'groups'], { query: settled, limit: most }, signal),
    enabled: settled !== '',
    placeholderData: keepPreviousData,
  })
  const found = sought === '' ? undefined : asked.data
  const chats = useStore((s) => s.chats)
  const order = useStore((s) => s.order)

  const own = useMemo(() => {
    const here = writable ? null : shownChat()
    const listed = order
      .flatMap((key) => (key === here && !sought ? [] : (chats[key] ?? [])))
      .filter((chat) => !writable || (chat.active && !isInbox(chat.ref.type)))
    const best = bestChats(listed, sought, title, most)
    const devices = listed.some((chat) => chat.key === myDevices.key) ? [] : bestChats([myDevices], sought, (chat) => `${title(chat)} ${t('myDevicesWords')}`, 1)
    return [...best, ...devices]
  }, [chats, order, sought, title, most, writable, t])

  const targets: Target[] = own.map((chat) => ({
    key: chat.key,
    chat,
    title: title(chat),
    about: chat.ref.type === 2 ? t('group') : (found?.people.items.find((p) => p.id === chat.ref.id)?.email ?? ''),
    unread: chat.muted ? 0 : chat.unread,
  }))
  if (found) {
    const known = new Set(own.map((c) => c.key))
    const add = (type: 1 | 2, { id, name, avatar }: { id: string; name: string; avatar: string }, about: string): void => {
      const key = chatKey(type, id)
      if (!known.has(key)) targets.push({ key, chat: { ref: { type, id }, name, avatar }, title: name, about, unread: 0 })
    }
    for (const p of found.people.items) add(1, p, p.email)
    for (const g of found.groups.items) add(2, g, t('members', { count: g.members }))
  }
  const emails = useEmails(namesakes(targets))
  return {
    targets: targets.map((target) => (target.about ? target : { ...target, about: emails.get(target.chat.ref.id) ?? '' })),
    settled: sought === '' || (settled === sought && !asked.isPlaceholderData && !asked.isPending),
  }
}

/** Ids of the people among the targets whose names do not tell them apart. */
function namesakes(targets: readonly Target[]): string[] {
  const times = new Map<string, number>()
  for (const { title } of targets) times.set(title, (times.get(title) ?? 0) + 1)
  const found = targets.filter(({ chat, title, about }) => chat.ref.type === 1 && !about && times.get(title)! > 1)
  return found.length > 0 ? found.map(({ chat }) => chat.ref.id) : nobody
}

/** The e-mail addresses of these people, by id. A chat of the list does not have them. */
function useEmails(ids: readonly string[]): ReadonlyMap<string, string> {
  const profiles = useQueries({
    queries: ids.map((id) => ({ queryKey: ['people', 'profile', id], queryFn: ({ signal }: { signal: AbortSignal }) => getPerson(id, signal), staleTime: 60_000 })),
  })
  return new Map(ids.flatMap((id, i) => (profiles[i]?.data?.email ? [[id, profiles[i].data.email]] : [])))
}
