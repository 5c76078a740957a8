import { X } from 'lucide-react'
import { useId, useRef, useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { cn } from '@/lib/cn'
import type { ChatKey } from '@/state/model'
import { TextField } from '@/ui/TextField'
import { ChatFilterDialog, SenderFilterDialog } from './FilterDialogs'
import { dayName, daysWrong, fileTypes, messageTypes, type Filters, type MessageType } from './filters'

interface Props {
  filters: Filters
  onChange: (filters: Filters) => void
  /** The only chat that is searched. */
  chat?: ChatKey
  /** Only files are found. */
  onlyFiles?: boolean
}

const chip = 'h-8 max-w-full rounded-full border px-3 text-sm -outline-offset-2'
const unset = 'border-line text-muted hover:bg-hover hover:text-text'
const set = 'border-transparent bg-selected font-medium text-accent'

/** What limits a search for messages and files. */
export function FilterBar({ filters, onChange, chat, onlyFiles }: Props) {
  const { t, i18n } = useTranslation('search')
  const [choosing, setChoosing] = useState<'from' | 'chat' | null>(null)
  const [days, setDays] = useState(false)
  const dayFields = useId()
  const { from, since, until, kind, link } = filters
  const change = (part: Filters): void => onChange({ ...filters, ...part })
  const [first, last] = [since, until].map((day) => day && dayName(day, i18n.language))
  const time = first && last ? t('filter.daysBoth', { first, last }) : first ? t('filter.daysSince', { first }) : last && t('filter.daysUntil', { last })
  const wrong = daysWrong(filters)
  const types = onlyFiles ? fileTypes : messageTypes

  return (
    <div className="flex flex-col gap-2">
      <div role="group" aria-label={t('filter.title')} className="flex flex-wrap items-center gap-1.5">
        <FilterChip label={t('filter.from')} value={from?.name} dialog onOpen={() => setChoosing('from')} onClear={() => change({ from: undefined })} />
        {!chat && <FilterChip label={t('filter.chat')} value={filters.chat?.name} dialog onOpen={() => setChoosing('chat')} onClear={() => change({ chat: undefined })} />}
        <FilterChip
          label={t('filter.days')}
          value={time}
          controls={dayFields}
          expanded={days}
          onOpen={() => setDays(!days)}
          onClear={() => change({ since: undefined, until: undefined })}
        />
        <select
          aria-label={t('filter.type')}
          value={kind ?? ''}
          onChange={(e) => change({ kind: (e.target.value || undefined) as MessageType | undefined })}
          className={cn(chip, 'cursor-pointer bg-ground', kind ? set : unset)}
        >
          <option value="">{t('filter.anyType')}</option>
          {types.map((type) => (
            <option key={type} value={type}>
              {t(`types.${type}`)}
            </option>
          ))}
        </select>
        <button type="button" aria-pressed={!!link} onClick={() => change({ link: !link || undefined })} className={cn(chip, link ? set : unset)}>
          {t('filter.link')}
        </button>
      </div>
      {days && (
        <div id={dayFields} role="group" aria-label={t('filter.days')} className="flex flex-wrap items-start gap-2">
          {(['since', 'until'] as const).map((name) => (
            <TextField
              key={name}
              type="date"
              label={t(`filter.${name}`)}
              max="9999-12-31"
              value={filters[name] ?? ''}
              {...(name === 'until' && wrong && { error: t('filter.daysWrong') })}
              onValueChange={(day) => change({ [name]: day || undefined })}
              className="min-w-36 flex-1"
            />
          ))}
        </div>
      )}
      {choosing === 'from' && <SenderFilterDialog chat={chat ?? filters.chat?.id} onPick={(sender) => change({ from: sender })} onClose={() => setChoosing(null)} />}
      {choosing === 'chat' && <ChatFilterDialog onPick={(place) => change({ chat: place })} onClose={() => setChoosing(null)} />}
    </div>
  )
}

interface ChipProps {
  label: string
  /** What it is set to. */
  value: string | undefined
  /** It opens a window. */
  dialog?: boolean
  /** The id of what it opens below, and whether that is open. */
  controls?: string
  expanded?: boolean
  onOpen: () => void
  onClear: () => void
}

/** A filter with a choice of its own, and a button that removes it. */
function FilterChip({ label, value, dialog, controls, expanded, onOpen, onClear }: ChipProps) {
  const { t } = useTranslation('search')
  const main = useRef<HTMLButtonElement>(null)
  const clear = (): void => {
    onClear()
    main.current?.focus() // the button for it is gone
  }
  const words: ReactNode = value ? (
    <>
      {label}
      <span className="sr-only">: </span> <bdi>{value}</bdi>
    </>
  ) : (
    label
  )
  return (
    <span className="relative inline-flex max-w-full">
      <button
        ref={main}
        type="button"
        aria-haspopup={dialog ? 'dialog' : undefined}
        aria-expanded={expanded}
        aria-controls={expanded ? controls : undefined}
        onClick={onOpen}
        className={cn(chip, 'truncate', value ? [set, 'pr-9'] : unset)}
      >
        {words}
      </button>
      {value && (
        <button
          type="button"
          aria-label={t('filter.remove', { filter: label })}
          onClick={clear}
          className="absolute inset-y-0 right-0 flex w-8 items-center justify-center rounded-full text-muted -outline-offset-2 hover:bg-hover hover:text-text"
        >
          <X aria-hidden className="size-4" />
        </button>
      )}
    </span>
  )
}
