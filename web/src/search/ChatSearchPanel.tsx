import { Search, X } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useDebounced } from '@/lib/useDebounced'
import { chatRef, type ChatKey } from '@/state/model'
import { EmptyState } from '@/ui/EmptyState'
import { IconButton } from '@/ui/IconButton'
import { TextField } from '@/ui/TextField'
import { FilterBar } from './FilterBar'
import { daysWrong, fileTypes, filterQuery, isFiltered, sectionsOf, type Filters } from './filters'
import { KindChips } from './KindChips'
import { KindHits } from './KindHits'

interface Props {
  chat: ChatKey
  /** Missing where the panel stands in another that has a heading and a way out. */
  onClose?: () => void
}

/** Searches one chat, beside it. */
export default function ChatSearchPanel({ chat, onClose }: Props) {
  const { t } = useTranslation(['search', 'ui'])
  const { type, id } = chatRef(chat)
  const [text, setText] = useState('')
  const [kind, setKind] = useState<'messages' | 'files'>('messages')
  const [filters, setFilters] = useState<Filters>({})
  const query = useDebounced(text.trim(), 200)
  const filtered = isFiltered(filters)
  const show = (to: typeof kind): void => {
    setKind(to)
    if (to === 'files' && filters.kind && !fileTypes.includes(filters.kind)) setFilters({ ...filters, kind: undefined })
  }
  return (
    <div className="flex h-full min-h-0 w-full flex-col">
      {onClose && (
        <header className="flex h-14 shrink-0 items-center gap-2 border-b border-line px-4">
          <h2 className="min-w-0 flex-1 truncate font-semibold">{t('inChat')}</h2>
          <IconButton icon={X} label={t('ui:close')} onClick={onClose} className="-mr-2" />
        </header>
      )}
      <div className="flex shrink-0 flex-col gap-2 px-4 pt-3 pb-1">
        <TextField
          type="search"
          label={t('inChat')}
          hideLabel
          placeholder={t('placeholderInChat')}
          icon={<Search aria-hidden className="size-4" />}
          // oxlint-disable-next-line jsx-a11y/no-autofocus -- the panel is opened to type
          autoFocus
          maxLength={200}
          value={text}
          onValueChange={setText}
        />
        <KindChips kinds={['messages', 'files'] as const} value={kind} onValueChange={show} />
        <FilterBar chat={chat} filters={filters} onlyFiles={kind === 'files'} onChange={setFilters} />
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto px-1 pb-2">
        {!query && !filtered ? (
          <EmptyState icon={Search} title={t('inChatBegin')} />
        ) : (
          !daysWrong(filters) && <KindHits kind={sectionsOf(kind, filters, query)[0]!} query={{ ...(query && { query }), ...filterQuery(filters), type, chat: id }} inChat filtered={filtered} />
        )}
      </div>
    </div>
  )
}
