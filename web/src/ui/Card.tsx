import type { ReactNode } from 'react'
import { cn } from '@/lib/cn'

/** The content of a page in the main pane: it scrolls, and its parts stand below each other in a column of the same width everywhere. */
export function PageColumn({ label, children }: { label?: string; children: ReactNode }) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable with the keyboard
    <div tabIndex={0} role={label ? 'region' : undefined} aria-label={label} className="min-h-0 flex-1 overflow-y-auto bg-sunken -outline-offset-2">
      <div data-column className="mx-auto flex w-full max-w-3xl flex-col gap-4 p-4 sm:p-6">{children}</div>
    </div>
  )
}

/** A part of a page, with what it is about above it. */
export function Card({ title, hint, children, className }: { title?: string; hint?: string; children: ReactNode; className?: string }) {
  return (
    <section className="overflow-hidden rounded-xl border border-line bg-ground">
      {title && (
        <header className="px-4 pt-4 sm:px-5">
          <h2 className="font-semibold">{title}</h2>
          {hint && <p className="mt-1 text-sm text-muted">{hint}</p>}
        </header>
      )}
      <div className={cn('p-4 sm:px-5', className)}>{children}</div>
    </section>
  )
}

/** A line between the parts of a page, in line with what is in them: their border is as wide as that of the line. */
export function Note({ children }: { children: ReactNode }) {
  return <p className="border-x border-transparent px-4 text-sm text-muted sm:px-5">{children}</p>
}

/** Names and values, such as those of an account. Values that are missing are left out. */
export function Facts({ facts }: { facts: [name: string, value: ReactNode][] }) {
  return (
    <dl className="divide-y divide-line text-sm">
      {facts.map(
        ([name, value]) =>
          value && (
            <div key={name} className="flex flex-wrap gap-x-4 py-3 first:pt-0 last:pb-0">
              <dt className="w-28 shrink-0 text-muted sm:w-40">{name}</dt>
              <dd className="min-w-0 flex-1 break-words select-text">{value}</dd>
            </div>
          ),
      )}
    </dl>
  )
}
