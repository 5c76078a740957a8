import { LoaderCircle } from 'lucide-react'
import { cn } from '@/lib/cn'

/** Something is under way. `label` makes it known to screen readers; without one it is decoration. */
export function Spinner({ className, label }: { className?: string; label?: string }) {
  return <LoaderCircle role={label ? 'status' : undefined} aria-label={label} aria-hidden={!label} className={cn('size-5 motion-safe:animate-spin', className)} />
}
