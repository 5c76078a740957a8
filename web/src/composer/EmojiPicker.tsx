import { useQuery } from '@tanstack/react-query'
import { useVirtualizer } from '@tanstack/react-virtual'
import { Search } from 'lucide-react'
import { type KeyboardEvent, useId, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Language } from '@/i18n'
import { cn } from '@/lib/cn'
import { isComposing } from '@/lib/composing'
import { byFinger } from '@/lib/pointer'
import { emotions } from '@/message/emotions'
import { Tabs } from '@/ui/Tabs'
import { type Category, EmojiCategories } from './EmojiCategories'
import { chosenTone, type Emoji, findEmoji, inTone, loadEmoji, recentEmoji, rememberEmoji, rememberTone, withWordsOf } from './emoji-data'
import { SkinTone } from './SkinTone'

type Pick = (text: string, stay: boolean) => void

const columns = 9
const cell = 36
const heading = 30

/** Chooses an emoji, or one of the bracket emotions. With Shift it stays open for more. */
export default function EmojiPicker({ onPick }: { onPick: Pick }) {
  const { t } = useTranslation('composer')
  const [tab, setTab] = useState('emoji')
  return (
    <Tabs
      label={t('emoji')}
      value={tab}
      onValueChange={setTab}
      tabs={[
        { id: 'emoji', label: t('emoji'), content: <AllEmoji onPick={onPick} /> },
        { id: 'emotions', label: t('emotions'), content: <Emotions onPick={onPick} /> },
      ]}
    />
  )
}

type GridRow = { kind: 'heading'; category: Category } | { kind: 'emoji'; from: number; emoji: Emoji[] }

/** All emoji, by groups, with a search. */
export function AllEmoji({ onPick }: { onPick: Pick }) {
  const { t, i18n } = useTranslation('composer')
  const language = i18n.language as Language
  const { data: all } = useQuery({ queryKey: ['emoji', language], queryFn: () => loadEmoji(language), staleTime: Infinity })
  const [query, setQuery] = useState('')
  const [tone, setTone] = useState(chosenTone)
  const searching = query.trim() !== ''
  const second: Language = language === 'zh' ? 'en' : 'zh'
  const { data: translated } = useQuery({ queryKey: ['emoji', second], queryFn: () => loadEmoji(second), staleTime: Infinity, enabled: searching })
  const known = useMemo(() => (all && translated ? withWordsOf(all, translated) : (all ?? [])), [all, translated])
  const [at, setAt] = useState(0)
  const scroller = useRef<HTMLDivElement>(null)
  const listId = useId()
  const { rows, flat } = useMemo(() => gridOf(known, query), [known, query])
  const headings = rows.flatMap((row, index) => (row.kind === 'heading' ? [{ category: row.category, index }] : []))

  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => (rows[index]!.kind === 'heading' ? heading : cell),
    overscan: 4,
  })

  const move = (to: number) => {
    const next = Math.max(0, Math.min(flat.length - 1, to))
    setAt(next)
    const row = rows.findLastIndex((other) => other.kind === 'emoji' && other.from <= next)
    if (row >= 0) virtualizer.scrollToIndex(row, { align: 'auto' })
  }
  const pick = (emoji: Emoji, stay: boolean) => {
    rememberEmoji(emoji.unicode)
    onPick(inTone(emoji, tone), stay)
  }
  const go = (category: Category) => {
    const index = headings.find((row) => row.category === category)!.index
    const first = rows[index + 1]
    if (first?.kind === 'emoji') setAt(first.from)
    virtualizer.scrollToIndex(index, { align: 'start' })
  }
  const firstInSight = virtualizer.getVirtualItemForOffset((virtualizer.scrollOffset ?? 0) + 2)?.index ?? 0
  const inSight = headings.findLast(({ index }) => index <= firstInSight)?.category
  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event)) return
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key]
    const current = flat[at]
    if (step) move(at + step)
    else if (event.key === 'Enter' && current) pick(current, event.shiftKey)
    else return
    event.preventDefault()
  }
  return (
    <div className="p-2">
      <div className="flex items-center gap-1">
        <label className="relative block min-w-0 flex-1">
          <span className="sr-only">{t('findEmoji')}</span>
          <Search aria-hidden className="absolute top-2.5 left-2.5 size-4 text-muted" />
          <input
            type="search"
            role="combobox"
            aria-expanded
            aria-controls={listId}
            aria-activedescendant={flat.length > 0 ? `${listId}-${at}` : undefined}
            autoComplete="off"
            // oxlint-disable-next-line jsx-a11y/no-autofocus -- one begins by searching
            autoFocus={!byFinger()}
            placeholder={t('findEmoji')}
            value={query}
            onChange={(event) => {
              setQuery(event.target.value)
              setAt(0)
              virtualizer.scrollToOffset(0)
            }}
            onKeyDown={onKeyDown}
            className="h-9 w-full rounded-lg border border-field bg-ground pr-2 pl-8 placeholder:text-muted"
          />
        </label>
        <SkinTone
          tone={tone}
          onChoose={(chosen) => {
            rememberTone(chosen)
            setTone(chosen)
          }}
        />
      </div>
      {headings.length > 0 && <EmojiCategories categories={headings.map(({ category }) => category)} current={inSight} onGo={go} />}
      <div ref={scroller} tabIndex={-1} className="mt-2 h-72 overflow-y-auto overscroll-contain">
        <div role="listbox" id={listId} aria-label={t('emoji')} className="relative" style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map((item) => {
            const row = rows[item.index]!
            return (
              <div key={item.key} role="presentation" className="absolute top-0 left-0 flex w-full" style={{ transform: `translateY(${item.start}px)`, height: item.size }}>
                {row.kind === 'heading' ? (
                  <span aria-hidden className="self-center px-1 text-xs font-medium text-muted">
                    {t(`group.${row.category}`)}
                  </span>
                ) : (
                  row.emoji.map((emoji, i) => (
                    <div
                      key={emoji.unicode}
                      role="option"
                      id={`${listId}-${row.from + i}`}
                      tabIndex={-1}
                      aria-selected={row.from + i === at}
                      aria-label={emoji.label}
                      title={emoji.label}
                      onPointerMove={() => setAt(row.from + i)}
                      onClick={(event) => pick(emoji, event.shiftKey)}
                      onKeyDown={onKeyDown}
                      className={cn('flex size-9 cursor-pointer items-center justify-center rounded-lg font-emoji text-2xl', row.from + i === at && 'bg-hover')}
                    >
                      {inTone(emoji, tone)}
                    </div>
                  ))
                )}
              </div>
            )
          })}
        </div>
        {all && flat.length === 0 && <p className="py-8 text-center text-sm text-muted">{t('noEmoji')}</p>}
      </div>
      <p aria-hidden className="h-5 truncate pt-1 text-xs text-muted">
        {flat[at]?.label}
      </p>
    </div>
  )
}

/** The emoji as lines of a grid, below the heading of their group; those picked last come first. */
function gridOf(all: readonly Emoji[], query: string): { rows: GridRow[]; flat: Emoji[] } {
  const rows: GridRow[] = []
  const flat: Emoji[] = []
  const put = (emoji: Emoji[], category?: Category) => {
    if (emoji.length === 0) return
    if (category !== undefined) rows.push({ kind: 'heading', category })
    for (let i = 0; i < emoji.length; i += columns) {
      const line = emoji.slice(i, i + columns)
      rows.push({ kind: 'emoji', from: flat.length, emoji: line })
      flat.push(...line)
    }
  }
  if (query.trim()) {
    put(findEmoji(all, query))
    return { rows, flat }
  }
  const byUnicode = new Map(all.map((emoji) => [emoji.unicode, emoji]))
  put(
    recentEmoji().flatMap((unicode) => byUnicode.get(unicode) ?? []),
    'recent',
  )
  const groups = new Map<number, Emoji[]>()
  for (const emoji of all) groups.set(emoji.group, [...(groups.get(emoji.group) ?? []), emoji])
  for (const [group, emoji] of groups) put(emoji, group)
  return { rows, flat }
}

function Emotions({ onPick }: { onPick: Pick }) {
  const { i18n } = useTranslation('composer')
  return (
    <ul className="grid h-[22rem] grid-cols-6 content-start gap-1 overflow-y-auto p-2">
      {emotions.map(({ zh, en, emoji }) => {
        const name = i18n.language === 'zh' ? zh : en
        return (
          <li key={en}>
            <button type="button" onClick={(event) => onPick(`[${name}]`, event.shiftKey)} className="flex w-full flex-col items-center rounded-lg py-1 hover:bg-hover">
              <span aria-hidden className="font-emoji text-2xl">
                {emoji}
              </span>
              <span className="w-full truncate text-center text-[0.6875rem] text-muted">{name}</span>
            </button>
          </li>
        )
      })}
    </ul>
  )
}
