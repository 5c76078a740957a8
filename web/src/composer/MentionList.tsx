import { Users } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { cn } from '@/lib/cn'
import { everybody } from '@/state/model'
import { Avatar } from '@/ui/Avatar'
import type { Callable, Mentions } from './useMentions'

/** Whom the @ may mean, above the field. The focus stays in the field. */
export function MentionList({ mentions, onPick }: { mentions: Mentions; onPick: (person: Callable) => void }) {
  const { t } = useTranslation('composer')
  const list = useRef<HTMLDivElement>(null)
  useEffect(() => {
    list.current?.children[mentions.highlighted]?.scrollIntoView({ block: 'nearest' })
  }, [mentions.highlighted])
  return (
    <div
      ref={list}
      role="listbox"
      id={mentions.listId}
      aria-label={t('mention')}
      className="absolute bottom-full left-0 z-20 mb-2 max-h-72 w-72 max-w-full overflow-y-auto rounded-xl border border-line bg-raised p-1 shadow-lg"
    >
      {mentions.found.map((person, i) => (
        // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the keys are those of the field
        <div
          key={person.id}
          role="option"
          tabIndex={-1}
          id={`${mentions.listId}-${i}`}
          aria-selected={i === mentions.highlighted}
          // The field keeps the focus. A finger that scrolls the list picks nothing.
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onPick(person)}
          className={cn('flex cursor-pointer items-center gap-2 rounded-lg px-2 py-1.5', i === mentions.highlighted && 'bg-hover')}
        >
          <Avatar name={person.name} src={person.avatar} seed={person.id} icon={person.id === everybody ? Users : undefined} size="small" />
          <span className="min-w-0">
            <span dir="auto" className="block truncate">{person.name}</span>
            {mentions.found.some((other) => other.id !== person.id && other.name === person.name) && (
              <span className="block truncate text-xs text-muted">{person.email || person.id}</span>
            )}
          </span>
        </div>
      ))}
    </div>
  )
}
