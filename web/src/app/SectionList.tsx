import { ChevronRight, type LucideIcon } from 'lucide-react'
import { Link } from 'wouter'
import { cn } from '@/lib/cn'

interface Props<Name extends string> {
  title: string
  id: string
  sections: readonly { name: Name; label: string; icon: LucideIcon }[]
  /** The address of a section is below this path. */
  path: string
  current: Name | null
  className: string
}

/** A list of the sections of a page, which stands beside one of them, on phones before it. */
export function SectionList<Name extends string>({ title, id, sections, path, current, className }: Props<Name>) {
  return (
    <section aria-labelledby={id} className={cn('flex w-full shrink-0 flex-col border-line bg-ground md:border-r', className)}>
      <h1 id={id} className="flex h-14 shrink-0 items-center px-4 text-lg font-semibold">
        {title}
      </h1>
      <ul className="min-h-0 flex-1 overflow-y-auto px-2 pb-4">
        {sections.map(({ name, label, icon: Icon }) => (
          <li key={name}>
            <Link
              href={`${path}/${name}`}
              aria-current={name === current ? 'page' : undefined}
              className={cn('flex h-11 items-center gap-3 rounded-lg px-2 -outline-offset-2', name === current ? 'bg-selected' : 'hover:bg-hover')}
            >
              <Icon aria-hidden className="size-5 shrink-0 text-muted" />
              <span className="min-w-0 flex-1 truncate">{label}</span>
              <ChevronRight aria-hidden className="size-4 text-muted md:hidden" />
            </Link>
          </li>
        ))}
      </ul>
    </section>
  )
}
