import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { type KeyboardEvent, type RefObject, useCallback, useEffect, useId, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { listMembers } from '@/api/group'
import { chatRef, type ChatKey, everybody } from '@/state/model'
import { useStore } from '@/state/store'
import { addCalls, useCalls } from './calls'
import { bestFirst, type MentionQuery, mentionQuery, sameQuery } from './mention'

/** Somebody who can be called; everybody, with the id `everybody`. */
export interface Callable {
  id: string
  name: string
  avatar: string
  email?: string
}

export type Mentions = ReturnType<typeof useMentions>

/**
 * The completion of names behind an @, in groups. It follows the content and the selection of the field, not the keys:
 * input methods, dictation, paste and undo change the field without any. `draft` names what is written there.
 */
export function useMentions(chat: ChatKey, draft: ChatKey, field: RefObject<HTMLTextAreaElement | null>, insert: (piece: string) => void) {
  const { type, id: gid } = chatRef(chat)
  const [query, setQuery] = useState<MentionQuery | null>(null)
  /** Id of the person that the arrow keys have reached; null: none was chosen, and the first one is highlighted. */
  const [chosen, setChosen] = useState<string | null>(null)
  // Closed with Esc: it stays closed for this @.
  const refused = useRef(-1)
  const listId = useId()
  const found = useCallables(gid, query?.query)
  useCalls(draft, field)

  /** What the caret stands behind at this moment. */
  const current = useCallback((): MentionQuery | null => {
    const area = field.current
    return type === 2 && area && area.selectionStart === area.selectionEnd ? mentionQuery(area.value, area.selectionStart) : null
  }, [field, type])

  const look = useCallback(() => {
    const next = current()
    if (!next) refused.current = -1
    const to = next && next.at !== refused.current ? next : null
    setQuery((before) => (sameQuery(to, before) ? before : to))
    setChosen(null)
  }, [current])

  // Selections are reported by the document. A report may concern content that `look` has seen already.
  useEffect(() => {
    const moved = () => {
      if (document.activeElement === field.current && !sameQuery(current(), query)) look()
    }
    document.addEventListener('selectionchange', moved)
    return () => document.removeEventListener('selectionchange', moved)
  }, [field, current, look, query])

  const close = useCallback(() => setQuery(null), [])

  // Changes the field at once: keys that follow in the same moment stand behind the name.
  const pick = (person: Callable) => {
    const area = field.current
    const now = current()
    if (!area || !now) return
    const end = now.at + 1 + now.query.length
    const spaceFollows = area.value[end] === ' '
    area.setSelectionRange(now.at, end)
    insert(spaceFollows ? `@${person.name}` : `@${person.name} `)
    addCalls(draft, area.value, [{ at: now.at, name: person.name, id: person.id }])
    if (spaceFollows) area.setSelectionRange(area.selectionEnd + 1, area.selectionEnd + 1)
    close()
  }

  const open = query !== null && found.length > 0
  // Enter must not call everybody by accident: the entry is highlighted by itself only if its name was begun.
  const first = found[0]?.id === everybody && query !== null && query.query.length < 2 ? -1 : 0
  const at = Math.max(first, found.findIndex(({ id }) => id === chosen))

  /** true when the key was the list's. */
  const onKeyDown = (event: KeyboardEvent): boolean => {
    if (!open || event.ctrlKey || event.metaKey || event.altKey) return false
    // The list is for another place than the caret's: the browser reports a moved caret with a delay.
    if (!sameQuery(current(), query)) {
      look()
      return false
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step) setChosen(found[(at + step + found.length) % found.length]!.id)
    else if (((event.key === 'Enter' && !event.shiftKey) || event.key === 'Tab') && found[at]) pick(found[at])
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
    attributes: type === 2 ? { 'aria-autocomplete': 'list' as const, 'aria-controls': open ? listId : undefined, 'aria-activedescendant': open && at >= 0 ? `${listId}-${at}` : undefined } : {},
  }
}

/**
 * Whom the query fits. Everybody comes last, so that Enter calls everybody only if nobody else fits or the entry was
 * chosen; and not before the server has answered, when it is unknown whether somebody else fits.
 */
function useCallables(gid: string, query: string | undefined): Callable[] {
  const { t } = useTranslation('composer')
  const me = useStore((s) => s.me?.id)
  const { data, isPlaceholderData } = useQuery({
    queryKey: ['members', gid, 'mention', query],
    queryFn: async ({ signal }) => (await listMembers(gid, { query: query || undefined, limit: 50 }, signal)).items.map(({ person }) => person),
    enabled: query !== undefined,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  })
  const everyone = t('everyone')
  return useMemo(() => {
    if (query === undefined || !data) return []
    const wanted = query.toLocaleLowerCase()
    const others = data.filter((person) => person.id !== me)
    // Until the server has answered: those of before who still fit, as far as that can be told without it.
    if (isPlaceholderData) return others.filter(({ name }) => name.toLocaleLowerCase().includes(wanted)).slice(0, 8)
    const fitsAll = everyone.toLocaleLowerCase().startsWith(wanted) || (wanted !== '' && 'all'.startsWith(wanted))
    const best = bestFirst(others, query).slice(0, 8)
    return fitsAll ? [...best, { id: everybody, name: everyone, avatar: '' }] : best
  }, [query, data, isPlaceholderData, me, everyone])
}
