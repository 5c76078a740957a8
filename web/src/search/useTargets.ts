import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { searchAll } from '@/api/search'
import { shownChat } from '@/app/paths'
import { useChatTitle } from '@/chatlist/useChatTitle'
import { useDebounced } from '@/lib/useDebounced'
import { chatKey, type Chat, type ChatKey } from '@/state/model'
import { useStore } from '@/state/store'
import { bestChats } from './match'

interface Target {
  key: ChatKey
  chat: Pick<Chat, 'ref' | 'name' | 'avatar'>
  title: string
  about: string
  unread: number
}

const most = 8

/** Where one might want to go: chats of the list at once, then people and groups that the server finds. */
export function useSwitcher(text: string): Target[] {
  const { t } = useTranslation('search')
  const title = useChatTitle()
  const sought = text.trim()
  const settled = useDebounced(sought, 150)
  const asked = useQuery({
    queryKey: ['search', 'switcher', settled],
    queryFn: ({ signal }) => searchAll(['people', 'groups'], { query: settled, limit: most }, signal),
    enabled: settled !== '',
    placeholderData: keepPreviousData,
  })
  const chats = useStore((s) => s.chats)
  const order = useStore((s) => s.order)

  const own = useMemo(() => {
    const here = shownChat()
    const all = order.flatMap((key) => (key === here && !sought ? [] : (chats[key] ?? [])))
    return bestChats(all, sought, title, most)
  }, [chats, order, sought, title])

  const targets: Target[] = own.map((chat) => ({
    key: chat.key,
    chat,
    title: title(chat),
    about: chat.ref.type === 2 ? t('group') : '',
    unread: chat.muted ? 0 : chat.unread,
  }))
  if (sought && asked.data) {
    const known = new Set(own.map((c) => c.key))
    const add = (type: 1 | 2, { id, name, avatar }: { id: string; name: string; avatar: string }, about: string): void => {
      const key = chatKey(type, id)
      if (!known.has(key)) targets.push({ key, chat: { ref: { type, id }, name, avatar }, title: name, about, unread: 0 })
    }
    for (const p of asked.data.people.items) add(1, p, p.email ?? '')
    for (const g of asked.data.groups.items) add(2, g, t('members', { count: g.members }))
  }
  return targets
}
