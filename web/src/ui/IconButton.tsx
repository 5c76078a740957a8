import type { LucideIcon } from 'lucide-react'
import type { ComponentProps } from 'react'
import { cn } from '@/lib/cn'
import { Tooltip } from './Tooltip'

type Props = Omit<ComponentProps<'button'>, 'className' | 'children'> & {
  icon: LucideIcon
  /** Read aloud, and shown as the tooltip. */
  label: string
  /** Shown behind the label, e.g. `Ctrl K`. */
  keys?: string
  size?: 'small' | 'normal'
  pressed?: boolean
  danger?: boolean
  tooltip?: boolean
  className?: string
}

/** A button with a picture. Its label is its accessible name and its tooltip. */
export function IconButton({ icon: Icon, label, keys, size = 'normal', pressed, danger, tooltip = true, className, type = 'button', ...rest }: Props) {
  const button = (
    <button
      {...rest}
      type={type}
      aria-label={label}
      aria-pressed={pressed}
      className={cn(
        'inline-flex shrink-0 items-center justify-center rounded-lg text-muted hover:bg-hover hover:text-text disabled:cursor-not-allowed disabled:opacity-40',
        size === 'small' ? 'size-7' : 'size-9',
        pressed && 'bg-selected text-accent',
        danger && 'hover:text-danger',
        className,
      )}
    >
      <Icon aria-hidden className={size === 'small' ? 'size-4' : 'size-5'} />
    </button>
  )
  if (!tooltip) return button
  return (
    <Tooltip text={label} keys={keys}>
      {button}
    </Tooltip>
  )
}
