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
  /** `tool`: a small picture with more room around it. */
  size?: 'small' | 'tool' | 'normal'
  /** On a dark picture. */
  onDark?: boolean
  pressed?: boolean
  danger?: boolean
  tooltip?: boolean
  className?: string
}

const sizes = { small: 'size-7', tool: 'size-8', normal: 'size-9' } as const

/** A button with a picture. Its label is its accessible name and its tooltip. */
export function IconButton({ icon: Icon, label, keys, size = 'normal', onDark, pressed, danger, tooltip = true, className, type = 'button', ...rest }: Props) {
  const button = (
    <button
      {...rest}
      type={type}
      aria-label={label}
      aria-pressed={pressed}
      className={cn(
        'inline-flex shrink-0 items-center justify-center rounded-lg disabled:cursor-not-allowed disabled:opacity-40',
        sizes[size],
        onDark ? 'text-white/80 hover:bg-white/15 hover:text-white' : ['hover:bg-hover', pressed ? 'bg-selected text-accent' : 'text-muted', danger ? 'hover:text-danger' : 'hover:text-text'],
        className,
      )}
    >
      <Icon aria-hidden className={size === 'normal' ? 'size-5' : 'size-4'} />
    </button>
  )
  if (!tooltip) return button
  return (
    <Tooltip text={label} keys={keys}>
      {button}
    </Tooltip>
  )
}
