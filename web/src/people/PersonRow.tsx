import { Link } from 'wouter'
import { cn } from '@/lib/cn'
import type { Person } from '@/state/model'
import { Avatar } from '@/ui/Avatar'
import { AvailabilityDot } from './Availability'

/** A person of a list; it leads to the profile. */
export function PersonRow({ person, selected }: { person: Person; selected?: boolean }) {
  return (
    <Link
      href={`/people/${encodeURIComponent(person.id)}`}
      aria-current={selected || undefined}
      className={cn('mx-2 flex h-full items-center gap-3 rounded-lg px-2', selected ? 'bg-selected' : 'hover:bg-hover')}
    >
      <span className="relative inline-flex">
        <Avatar name={person.name} src={person.avatar} seed={person.id} />
        <AvailabilityDot id={person.id} />
      </span>
      <span className="min-w-0">
        <span dir="auto" className="block truncate">{person.name}</span>
        {person.email && <span className="block truncate text-xs text-muted">{person.email}</span>}
      </span>
    </Link>
  )
}

/** Stands where a person is about to appear, with the same height. */
export function PersonRowSkeleton() {
  return (
    <div aria-hidden className="mx-2 flex h-full items-center gap-3 px-2">
      <span className="size-10 rounded-lg bg-hover" />
      <span className="h-3 w-32 rounded bg-hover" />
    </div>
  )
}
