import { cn } from '@/lib/cn'

interface Props {
  count: number
  muted?: boolean
  label?: string | undefined
  /** The label of what is around it has the whole number. The figure is then no text of the page, because 99+ is not in that label. */
  hidden?: boolean
  className?: string
}

/** A count, in red, or in grey where it should not call for attention. Nothing at 0. */
export function Badge({ count, muted, label, hidden, className }: Props) {
  if (count <= 0) return null
  const figure = count > 99 ? '99+' : count
  return (
    <span
      aria-label={label}
      aria-hidden={hidden}
      data-figure={hidden ? figure : undefined}
      role={label ? 'img' : undefined}
      className={cn(
        'inline-flex h-[1.125rem] min-w-[1.125rem] items-center justify-center rounded-full px-1 text-[0.6875rem] leading-none font-semibold text-white tabular-nums',
        muted ? 'bg-badge-muted' : 'bg-badge',
        hidden && 'before:content-[attr(data-figure)]',
        className,
      )}
    >
      {!hidden && figure}
    </span>
  )
}
