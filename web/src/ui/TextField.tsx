import { useId, type ChangeEvent, type ComponentProps, type KeyboardEvent, type ReactNode, type Ref } from 'react'
import { cn } from '@/lib/cn'
import { isComposing } from '@/lib/composing'

type Props = Omit<ComponentProps<'input'>, 'className' | 'onChange' | 'value' | 'ref' | 'id'> & {
  label: string
  /** Keeps the label for screen readers alone, where the place says what it is. */
  hideLabel?: boolean
  hint?: string
  error?: string
  value: string
  onValueChange: (value: string) => void
  lines?: number
  icon?: ReactNode
  className?: string
  ref?: Ref<HTMLInputElement>
}

const box = 'w-full rounded-lg border border-field bg-ground px-3 text-text placeholder:text-muted aria-invalid:border-danger disabled:opacity-60'

/** A labelled input of one line, or of several (`lines`). */
export function TextField({ label, hideLabel, hint, error, value, onValueChange, lines, icon, className, ref, onKeyDown, ...rest }: Props) {
  const id = useId()
  const below = error || hint ? `${id}-below` : undefined
  const common = {
    id,
    value,
    onKeyDown: (e: KeyboardEvent<HTMLInputElement & HTMLTextAreaElement>) => {
      // The Enter that ends a composition does not submit the form.
      if (e.key === 'Enter' && isComposing(e)) e.preventDefault()
      onKeyDown?.(e)
    },
    onChange: (e: ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) => onValueChange(e.target.value),
    'aria-invalid': error ? true : undefined,
    'aria-describedby': below,
  }
  return (
    <div className={cn('flex flex-col gap-1', className)}>
      <label htmlFor={id} className={hideLabel ? 'sr-only' : 'text-sm font-medium'}>
        {label}
      </label>
      <div className="relative">
        {icon && <span className="pointer-events-none absolute inset-y-0 left-3 flex items-center text-muted">{icon}</span>}
        {lines ? (
          <textarea dir="auto" {...(rest as object)} {...common} rows={lines} className={cn(box, 'resize-y py-2')} />
        ) : (
          <input dir="auto" {...rest} {...common} ref={ref} className={cn(box, 'h-9', icon && 'pl-9')} />
        )}
      </div>
      {below && (
        <p id={below} className={cn('text-sm', error ? 'text-danger' : 'text-muted')}>
          {error || hint}
        </p>
      )}
    </div>
  )
}
