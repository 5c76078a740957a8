import { cn } from '@/lib/cn'

/** A count, in red, or in grey where it should not call for attention. Nothing at 0. */
export function Badge({ count, muted, label, className }: { count: number; muted?: boolean; label?: string; className?: string }) {
  if (count <= 0) return null
  return (
    <span
      aria-label={label}
      role={label ? 'img' : undefined}
      className={cn(
        'inline-flex h-[1.125rem] min-w-[1.125rem] items-center justify-center rounded-full px-1 text-[0.6875rem] leading-none font-semibold text-white tabular-nums',
        muted ? 'bg-badge-muted' : 'bg-badge',
        className,
      )}
    >
      {count > 99 ? '99+' : count}
    </span>
  )
}
