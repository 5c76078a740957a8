import { type KeyboardEvent, useDeferredValue, useId, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { isComposing } from '@/lib/composing'
import { refusal } from '@/lib/refusal'
import type { Person } from '@/state/model'
import { Avatar } from '@/ui/Avatar'
import { ChooserField } from '@/ui/ChooserField'
import { ChooserOption } from '@/ui/ChooserOption'
import { usePick } from '@/ui/usePick'
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
  const { enter, typed } = usePick(settled, pick)
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
      enter()
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
          typed()
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
              return (
                <ChooserOption
                  key={item.key}
                  id={optionId(item.index)}
                  name={person.name}
                  about={person.email}
                  picture={<Avatar name={person.name} src={person.avatar} seed={person.id} size="small" />}
                  chosen={chosen && isChosen(person.id)}
                  active={item.index === active}
                  fixed={!!fixed?.has(person.id)}
                  onToggle={() => toggle(person)}
                  place={place}
                />
              )
            })}
          </div>
        )}
      </div>
    </div>
  )
}
