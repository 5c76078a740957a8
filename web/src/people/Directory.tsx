import { SearchX, Users } from 'lucide-react'
import { useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { DirectoryFilter } from '@/api/people'
import { useTrouble } from '@/app/useTrouble'
import { refusal } from '@/lib/refusal'
import { useStore } from '@/state/store'
import { Button } from '@/ui/Button'
import { EmptyState } from '@/ui/EmptyState'
import { IndexBar } from './IndexBar'
import { headingAbove } from './layout'
import { PersonRow, PersonRowSkeleton } from './PersonRow'
import { useDirectory } from './useDirectory'

interface Props {
  filter: DirectoryFilter
  /** Whose profile is shown beside it. */
  selected?: string
}

/** Everybody the filter lets through, in sections by initial, with a bar to jump to one. */
export function Directory({ filter, selected }: Props) {
  const { t } = useTranslation(['people', 'ui'])
  const scroller = useRef<HTMLDivElement>(null)
  const { first, layout, virtualizer, items, personOn, failed } = useDirectory(filter, scroller)
  const trouble = useTrouble(first)
  const lost = useStore((s) => s.connection === 'offline')

  if (trouble) {
    return <EmptyState icon={Users} title={trouble.text} action={trouble.retry && <Button onClick={trouble.retry}>{t('retry')}</Button>} />
  }
  if (first.isSuccess && layout.people === 0) {
    return filter.query ? (
      <EmptyState icon={SearchX} title={t('nobodyFound')} text={t('nobodyFoundHint')} />
    ) : (
      <EmptyState icon={Users} title={t(filter.friends ? 'noFriends' : 'nobody')} text={t(filter.friends ? 'noFriendsHint' : 'nobodyHint')} />
    )
  }
  const top = items.find((i) => i.end > (virtualizer.scrollOffset ?? 0))
  const jump = (initial: string) => {
    const index = layout.headings.get(initial)
    if (index !== undefined) virtualizer.scrollToIndex(index, { align: 'start' })
  }
  return (
    <div className="flex h-full min-h-0">
      <div ref={scroller} className="min-w-0 flex-1 overflow-y-auto">
        <ul aria-label={t('directory')} className="relative w-full" style={{ height: virtualizer.getTotalSize() }}>
          {items.map((item) => {
            const line = layout.lines[item.index]
            if (!line) return null
            const person = personOn(line)
            return (
              <li
                key={item.key}
                className="absolute inset-x-0 top-0"
                style={{ height: item.size, transform: `translateY(${item.start}px)` }}
              >
                {'initial' in line ? (
                  <h2 className="flex h-full items-center px-4 text-xs font-semibold text-muted">{line.initial}</h2>
                ) : person ? (
                  <PersonRow person={person} selected={person.id === selected} />
                ) : (
                  <PersonRowSkeleton />
                )}
              </li>
            )
          })}
        </ul>
        {failed && (
          <p role="alert" className="sticky bottom-0 flex items-center gap-3 bg-raised p-3 text-danger">
            {lost ? t('ui:notLoaded') : refusal(failed.error)}
            {!lost && (
              <Button size="small" onClick={() => void failed.refetch()}>
                {t('retry')}
              </Button>
            )}
          </p>
        )}
      </div>
      {layout.headings.size > 1 && <IndexBar initials={[...layout.headings.keys()]} current={headingAbove(layout, top?.index ?? 0)} onJump={jump} />}
    </div>
  )
}
