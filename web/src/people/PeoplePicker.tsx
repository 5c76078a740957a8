import { type KeyboardEvent, useDeferredValue, useEffect, useEffectEvent, useId, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { cn } from '@/lib/cn'
import { isComposing } from '@/lib/composing'
import { refusal } from '@/lib/refusal'
import type { Person } from '@/state/model'
import { Avatar } from '@/ui/Avatar'
import { ChooserField } from '@/ui/ChooserField'
import { Tick } from '@/ui/Tick'
import { recentHeading } from './layout'
import { PersonRowSkeleton } from './PersonRow'
import { useDirectory } from './useDirectory'
import { useRecentPeople } from './useRecentPeople'

interface Props {
  label: string
  /** Absent: one person is picked and the list shows no ticks. */
  chosen?: Person[]
  /** Ticked, and not to be changed: who is in it already. */
  fixed?: ReadonlySet<string>
  onPick: (person: Person) => void
  onUnpick?: (person: Person) => void
}

/** Finds people in the directory: a field that filters and a list beneath it, as one combobox. */
export function PeoplePicker({ label, chosen, fixed, onPick, onUnpick }: Props) {
  const { t } = useTranslation('people')
  const listId = useId()
  const scroller = useRef<HTMLDivElement>(null)
  const [text, setText] = useState('')
  const query = useDeferredValue(text.trim())
  const recent = useRecentPeople(!query)
  const { first, layout, virtualizer, items, personOn, failed } = useDirectory({ query }, scroller, recent)
  const [active, setActive] = useState(-1)
  // Enter was pressed before the answer to what is typed was there.
  const hasty = useRef(false)
  const settled = query === text.trim() && first.isSuccess && !first.isPlaceholderData

  const isChosen = (id: string) => !!fixed?.has(id) || !!chosen?.some((p) => p.id === id)
  const toggle = (person: Person) => {
    if (fixed?.has(person.id)) return
    if (chosen?.some((p) => p.id === person.id)) {
      onUnpick?.(person)
      return
    }
    onPick(person)
    setText('')
    setActive(-1)
  }
  // With something typed and nobody pointed at, the first who is found is meant.
  const pick = () => {
    const line = layout.lines[active] ?? (query ? layout.lines.find((l) => !('initial' in l)) : undefined)
    const person = line && personOn(line)
    if (person) toggle(person)
  }
  const pickLate = useEffectEvent(() => {
    if (hasty.current) pick()
    hasty.current = false
  })
  useEffect(() => {
    if (settled) pickLate()
  }, [settled])
  const move = (step: number) => {
    let next = active + step
    while (layout.lines[next] && 'initial' in layout.lines[next]!) next += step
    if (!layout.lines[next]) return
    setActive(next)
    virtualizer.scrollToIndex(next, { align: 'auto' })
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event)) return
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      if (settled) move(event.key === 'ArrowDown' ? 1 : -1)
    } else if (event.key === 'Enter') {
      event.preventDefault()
      if (settled) pick()
      else hasty.current = true
    } else if (event.key === 'Backspace' && text === '' && chosen?.length) {
      onUnpick?.(chosen.at(-1)!)
    }
  }
  const optionId = (index: number) => `${listId}-${index}`
  const problem = first.error ?? failed?.error
  const none = first.isSuccess && layout.lines.length === 0

  return (
    <div className="flex min-h-0 flex-col gap-2">
      <ChooserField
        label={label}
        placeholder={t('search')}
        chosen={chosen?.map(({ id, name, email }) => ({ key: id, name, about: email }))}
        onUnpick={(id) => {
          const person = chosen?.find((p) => p.id === id)
          if (person) onUnpick?.(person)
        }}
        list={listId}
        active={active >= 0 && layout.lines[active] ? optionId(active) : undefined}
        expanded={!none}
        value={text}
        onValueChange={(value) => {
          setText(value)
          setActive(-1)
          hasty.current = false
        }}
        onKeyDown={onKeyDown}
      />
      <div ref={scroller} tabIndex={-1} className="h-80 min-h-0 overflow-y-auto rounded-lg border border-line">
        {problem && (
          <p role="alert" className="p-3 text-danger">
            {refusal(problem)}
          </p>
        )}
        {none && <p className="p-6 text-center text-muted">{t(query ? 'nobodyFound' : 'nobody')}</p>}
        {!none && (
          <div
            id={listId}
            role="listbox"
            aria-label={label}
            aria-multiselectable={chosen ? true : undefined}
            className="relative"
            style={{ height: virtualizer.getTotalSize() }}
          >
            {items.map((item) => {
              const line = layout.lines[item.index]
              if (!line) return null
              const place = { height: item.size, transform: `translateY(${item.start}px)` }
              if ('initial' in line) {
                return (
                  <div key={item.key} aria-hidden className="absolute inset-x-0 flex items-center px-4 text-xs font-semibold text-muted" style={place}>
                    {line.initial === recentHeading ? t('recent') : line.initial}
                  </div>
                )
              }
              const person = personOn(line)
              if (!person) {
                return (
                  <div key={item.key} aria-hidden className="absolute inset-x-0" style={place}>
                    <PersonRowSkeleton />
                  </div>
                )
              }
              const on = isChosen(person.id)
              return (
                // The keyboard is served by the field: the focus never leaves it.
                // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
                <div
                  key={item.key}
                  id={optionId(item.index)}
                  role="option"
                  tabIndex={-1}
                  aria-selected={chosen ? on : item.index === active}
                  aria-disabled={fixed?.has(person.id) || undefined}
                  onMouseDown={(event) => event.preventDefault()}
                  onClick={() => toggle(person)}
                  style={place}
                  className={cn(
                    'absolute inset-x-0 flex cursor-pointer items-center gap-3 px-4 hover:bg-hover',
                    item.index === active && 'bg-hover outline-2 -outline-offset-2 outline-accent',
                    fixed?.has(person.id) && 'cursor-default opacity-60',
                  )}
                >
                  {chosen && <Tick on={on} />}
                  <Avatar name={person.name} src={person.avatar} seed={person.id} size="small" />
                  <span className="min-w-0">
                    <span dir="auto" className="block truncate">{person.name}</span>
                    {person.email && <span className="block truncate text-xs text-muted">{person.email}</span>}
                  </span>
                </div>
              )
            })}
          </div>
        )}
      </div>
    </div>
  )
}
