import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import { BackButton } from './BackButton'

/** Stands before the title of a page that is about nobody. */
export function PageIcon({ icon: Icon }: { icon: LucideIcon }) {
  return (
    <span aria-hidden className="flex size-8 shrink-0 items-center justify-center rounded-lg bg-accent-solid text-on-accent">
      <Icon className="size-4" />
    </span>
  )
}

interface Props {
  title: string
  /** Stands before the title, as the picture does in a conversation. */
  picture?: ReactNode
  back?: string
  children?: ReactNode
}

/** The top of a page in the main pane: its name, and what can be done there. */
export function PaneHeader({ title, picture, back, children }: Props) {
  return (
    <header className="flex h-14 shrink-0 items-center gap-2 border-b border-line bg-ground px-4">
      <BackButton to={back} />
      {picture}
      <h1 className="min-w-0 flex-1 truncate text-base font-semibold">{title}</h1>
      {children}
    </header>
  )
}
