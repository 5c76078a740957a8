import { Field } from '@base-ui/react/field'
import type { ComponentProps, ReactNode, Ref } from 'react'
import { cn } from '@/lib/cn'

type Props = Omit<ComponentProps<'input'>, 'className' | 'onChange' | 'value' | 'ref'> & {
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
export function TextField({ label, hideLabel, hint, error, value, onValueChange, lines, icon, className, ref, ...rest }: Props) {
  return (
    <Field.Root invalid={!!error} className={cn('flex flex-col gap-1', className)}>
      <Field.Label className={hideLabel ? 'sr-only' : 'text-sm font-medium'}>{label}</Field.Label>
      <div className="relative">
        {icon && <span className="pointer-events-none absolute inset-y-0 left-3 flex items-center text-muted">{icon}</span>}
        {lines ? (
          <Field.Control
            render={<textarea rows={lines} />}
            {...(rest as object)}
            value={value}
            onValueChange={(v: string) => onValueChange(v)}
            className={cn(box, 'resize-y py-2')}
          />
        ) : (
          <Field.Control {...rest} ref={ref} value={value} onValueChange={(v: string) => onValueChange(v)} className={cn(box, 'h-9', icon && 'pl-9')} />
        )}
      </div>
      {hint && !error && <Field.Description className="text-sm text-muted">{hint}</Field.Description>}
      {error && (
        <Field.Error match className="text-sm text-danger">
          {error}
        </Field.Error>
      )}
    </Field.Root>
  )
}
