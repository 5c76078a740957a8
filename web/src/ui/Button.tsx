import { cva, type VariantProps } from 'class-variance-authority'
import type { ComponentProps } from 'react'
import { cn } from '@/lib/cn'
import { Spinner } from './Spinner'

const look = cva(
  'inline-flex shrink-0 items-center justify-center gap-2 rounded-lg font-medium whitespace-nowrap select-none disabled:cursor-not-allowed disabled:opacity-50',
  {
    variants: {
      kind: {
        primary: 'bg-accent-solid text-on-accent hover:brightness-110',
        plain: 'border border-line bg-raised text-text hover:bg-hover',
        quiet: 'text-text hover:bg-hover',
        link: 'text-accent underline-offset-4 hover:underline',
        danger: 'bg-danger-solid text-on-accent hover:brightness-110',
      },
      size: { small: 'h-8 px-3 text-sm', normal: 'h-9 px-4', large: 'h-11 px-5' },
    },
    compoundVariants: [{ kind: 'link', class: 'h-auto px-0' }],
    defaultVariants: { kind: 'plain', size: 'normal' },
  },
)

type Props = Omit<ComponentProps<'button'>, 'className'> & VariantProps<typeof look> & { className?: string; busy?: boolean }

/** A button with words. While `busy` it keeps its size and takes no clicks. */
export function Button({ kind, size, className, busy, disabled, children, type = 'button', ...rest }: Props) {
  return (
    <button {...rest} type={type} disabled={disabled || busy} aria-busy={busy || undefined} className={cn(look({ kind, size }), className)}>
      {busy && <Spinner className="size-4" />}
      {children}
    </button>
  )
}
