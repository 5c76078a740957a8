import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'

/** What stands where nothing is yet, with what to do next. */
export function EmptyState({ icon: Icon, title, text, action }: { icon: LucideIcon; title: string; text?: string; action?: ReactNode }) {
  return (
    <div className="flex h-full flex-col items-center justify-center gap-2 p-8 text-center">
      <Icon aria-hidden className="size-10 text-muted" strokeWidth={1.25} />
      <p className="font-medium">{title}</p>
      {text && <p className="max-w-sm text-sm text-muted">{text}</p>}
      {action && <div className="mt-3">{action}</div>}
    </div>
  )
}
