import { Search, X } from 'lucide-react'
import { type KeyboardEvent, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { cn } from '@/lib/cn'

interface Chosen {
  key: string
  name: string
  /** Tells it from others of the same name. */
  about?: string
}

interface Props {
  label: string
  placeholder: string
  /** Absent: only one is chosen. */
  chosen?: readonly Chosen[]
  onUnpick?: (key: string) => void
  /** The list of options below the field, and the id of the option that the keys have reached. */
  list: string
  active?: string
  expanded: boolean
  value: string
  onValueChange: (value: string) => void
  onKeyDown: (event: KeyboardEvent) => void
  autoFocus?: boolean
}

/** The field of a list of options: what is typed filters the list, and what was chosen stands before it. */
export function ChooserField({ label, placeholder, chosen, onUnpick, list, active, expanded, value, onValueChange, onKeyDown, autoFocus }: Props) {
  const { t } = useTranslation('ui')
  const input = useRef<HTMLInputElement>(null)
  const apart = (one: Chosen) => (chosen?.some(({ key, name }) => key !== one.key && name === one.name) ? one.about : undefined)
  return (
    <div
      className="flex max-h-32 min-h-9 shrink-0 flex-wrap items-center gap-1 overflow-y-auto rounded-lg border border-field bg-ground px-2 py-1 focus-within:outline-2 focus-within:outline-accent"
      onClick={() => input.current?.focus()}
      role="presentation"
    >
      <Search aria-hidden className="size-4 shrink-0 text-muted" />
      {chosen?.map((one) => {
        const { key, name, about } = one
        const mark = apart(one)
        return (
          <span key={key} title={about || undefined} className={cn('chip flex items-center gap-1 rounded-md bg-selected py-0.5 pr-0.5 pl-2 text-sm', mark ? 'max-w-full' : 'max-w-40')}>
            <bdi className="truncate">{name}</bdi>
            {mark && (
              <span dir="ltr" className="min-w-0 truncate text-xs text-muted">
                {mark}
              </span>
            )}
            <button
              type="button"
              aria-label={t('unpick', { name: mark ? `${name} ${mark}` : name })}
              onClick={() => onUnpick?.(key)}
              className="rounded p-0.5 text-muted hover:bg-hover hover:text-text"
            >
              <X aria-hidden className="size-3.5" />
            </button>
          </span>
        )
      })}
      <input
        ref={input}
        type="text"
        role="combobox"
        aria-label={label}
        aria-expanded={expanded}
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={active}
        autoComplete="off"
        dir="auto"
        maxLength={200}
        placeholder={chosen?.length ? undefined : placeholder}
        // oxlint-disable-next-line jsx-a11y/no-autofocus -- one begins by searching
        autoFocus={autoFocus}
        value={value}
        onChange={(event) => onValueChange(event.target.value)}
        onKeyDown={onKeyDown}
        className="min-w-24 flex-1 bg-transparent py-0.5 outline-none placeholder:text-muted"
      />
    </div>
  )
}
