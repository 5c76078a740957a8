import type { ComponentProps } from 'react'
import { cn } from '@/lib/cn'
import { Spinner } from './Spinner'

const kinds = {
  primary: 'bg-accent-solid text-on-accent hover:brightness-110',
  plain: 'border border-line bg-raised hover:bg-hover',
  quiet: 'hover:bg-hover',
  link: 'text-accent underline-offset-4 hover:underline',
  danger: 'bg-danger-solid text-on-accent hover:brightness-110',
} as const

const sizes = { small: 'h-8 px-3 text-sm', normal: 'h-9 px-4', large: 'h-11 px-5' } as const

type Props = Omit<ComponentProps<'button'>, 'className'> & {
  kind?: keyof typeof kinds
  size?: keyof typeof sizes
  /** The words of a plain or quiet button are red. */
  warns?: boolean
  busy?: boolean
  className?: string
}

/** A button with words. While `busy` it keeps its size and takes no clicks. */
export function Button({ kind = 'plain', size = 'normal', warns, className, busy, disabled, children, type = 'button', ...rest }: Props) {
  return (
    <button
      {...rest}
      type={type}
      disabled={disabled || busy}
      aria-busy={busy || undefined}
      className={cn(
        'inline-flex shrink-0 items-center justify-center gap-2 rounded-lg font-medium whitespace-nowrap select-none disabled:cursor-not-allowed disabled:opacity-50',
        kinds[kind],
        (kind === 'plain' || kind === 'quiet') && (warns ? 'text-danger' : 'text-text'),
        kind === 'link' ? size === 'small' && 'text-sm' : sizes[size],
        className,
      )}
    >
      {busy && <Spinner className="size-4" />}
      {children}
    </button>
  )
}
