import { LoaderCircle } from 'lucide-react'
import { cn } from '@/lib/cn'

/** Something is under way. `label` makes it known to screen readers; without one it is decoration. */
export function Spinner({ className = 'size-5', label }: { className?: string; label?: string }) {
  return <LoaderCircle role={label ? 'status' : undefined} aria-label={label} aria-hidden={!label} className={cn('motion-safe:animate-spin', className)} />
}
