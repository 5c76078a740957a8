import { cn } from '@/lib/cn'
import { splitName } from '@/message/file'

/** The name of a file on one line. What does not fit is cut out of the middle, so that the extension is always shown. */
export function FileName({ name, className }: { name: string; className?: string }) {
  const [start, end] = splitName(name)
  return (
    <span dir="auto" title={name} className={cn('flex min-w-0', className)}>
      <span className="truncate">{start}</span>
      <span className="shrink-0 whitespace-pre">{end}</span>
    </span>
  )
}
