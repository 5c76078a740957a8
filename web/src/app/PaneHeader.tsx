import type { ReactNode } from 'react'
import { BackButton } from './BackButton'

/** The top of a page in the main pane: its name, and what can be done there. */
export function PaneHeader({ title, back, children }: { title: string; back?: string; children?: ReactNode }) {
  return (
    <header className="flex h-14 shrink-0 items-center gap-2 border-b border-line px-4">
      <BackButton to={back} />
      <h1 className="min-w-0 flex-1 truncate text-base font-semibold">{title}</h1>
      {children}
    </header>
  )
}
