import { Check } from 'lucide-react'
import { cn } from '@/lib/cn'

/** The box of an option in a list of which several can be chosen. The option itself says whether it is selected. */
export function Tick({ on }: { on: boolean }) {
  return (
    <span aria-hidden className={cn('flex size-5 shrink-0 items-center justify-center rounded border', on ? 'border-accent-solid bg-accent-solid text-on-accent' : 'border-field')}>
      {on && <Check className="size-3.5" />}
    </span>
  )
}
