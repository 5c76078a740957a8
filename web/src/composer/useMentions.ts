import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { type KeyboardEvent, type RefObject, useCallback, useId, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { listMembers } from '@/api/group'
import { chatRef, type ChatKey, everybody } from '@/state/model'
import { useStore } from '@/state/store'
import { addCalls, useCalls } from './calls'
import { type MentionQuery, mentionQuery, mentionRange } from './mention'

/** Somebody who can be called; everybody, with the id `everybody`. */
export interface Callable {
  id: string
  name: string
  avatar: string
  email?: string
}

export type Mentions = ReturnType<typeof useMentions>

/** The completion of names behind an @, in groups. */
export function useMentions(chat: ChatKey, field: RefObject<HTMLTextAreaElement | null>, insert: (piece: string) => void) {
  const { t } = useTranslation('composer')
  const { type, id: gid } = chatRef(chat)
  const [query, setQuery] = useState<MentionQuery | null>(null)
  const [highlighted, setHighlighted] = useState(0)
  // Closed with Esc: it stays closed for this @.
  const refused = useRef(-1)
  const listId = useId()
  const me = useStore((s) => s.me?.id)
  const people = useMembers(gid, query?.query)
  useCalls(chat, field)

  const found = useMemo<Callable[]>(() => {
    if (!query) return []
    const wanted = query.query.toLocaleLowerCase()
    const all = { id: everybody, name: t('everyone'), avatar: '' }
    const others = people.filter((person) => person.id !== me).slice(0, 8)
    return all.name.toLocaleLowerCase().startsWith(wanted) || (wanted !== '' && 'all'.startsWith(wanted)) ? [all, ...others] : others
  }, [query, people, me, t])

  const look = useCallback(() => {
    const area = field.current
    if (type !== 2 || !area) return
    const next = area.selectionStart === area.selectionEnd ? mentionQuery(area.value, area.selectionStart) : null
    if (!next) refused.current = -1
    setQuery((before) => {
      const to = next && next.at !== refused.current ? next : null
      if (to?.at !== before?.at || to?.query !== before?.query) setHighlighted(0)
      return to && before && to.at === before.at && to.query === before.query ? before : to
    })
  }, [field, type])

  const close = useCallback(() => setQuery(null), [])

  // Changes the field at once: keys that follow in the same moment stand behind the name.
  const pick = (person: Callable) => {
    const area = field.current
    const now = area && mentionQuery(area.value, area.selectionStart)
    if (!now) return
    area.setSelectionRange(...mentionRange(area.value, now))
    insert(`@${person.name} `)
    addCalls(chat, area.value, [{ at: now.at, name: person.name, id: person.id }])
    setQuery(null)
  }

  const open = query !== null && found.length > 0
  const at = Math.min(highlighted, found.length - 1)

  /** true when the key was the list's. */
  const onKeyDown = (event: KeyboardEvent): boolean => {
    if (!open || event.ctrlKey || event.metaKey || event.altKey) return false
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step) setHighlighted((at + step + found.length) % found.length)
    else if ((event.key === 'Enter' && !event.shiftKey) || event.key === 'Tab') pick(found[at]!)
    else if (event.key === 'Escape') {
      refused.current = query.at
      close()
    } else return false
    event.preventDefault()
    event.stopPropagation()
    return true
  }

  return {
    open,
    found,
    highlighted: at,
    listId,
    look,
    close,
    pick,
    onKeyDown,
    attributes: type === 2 ? { 'aria-autocomplete': 'list' as const, 'aria-controls': open ? listId : undefined, 'aria-activedescendant': open ? `${listId}-${at}` : undefined } : {},
  }
}

const nobody: Callable[] = []

function useMembers(gid: string, query: string | undefined): Callable[] {
  const { data, isPlaceholderData } = useQuery({
    queryKey: ['members', gid, 'mention', query],
    queryFn: async ({ signal }) => (await listMembers(gid, { query: query || undefined, limit: 10 }, signal)).items.map(({ person }) => person),
    enabled: query !== undefined,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  })
  if (query === undefined || !data) return nobody
  // Until the server has answered: those of before who still fit, as far as that can be told without it.
  return isPlaceholderData ? data.filter(({ name }) => name.toLocaleLowerCase().includes(query.toLocaleLowerCase())) : data
}
