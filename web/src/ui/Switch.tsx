import { Switch as Base } from '@base-ui/react/switch'
import { useId } from 'react'

interface Props {
  label: string
  hint?: string
  checked: boolean
  onCheckedChange: (checked: boolean) => void
  disabled?: boolean
}

/** A setting that is on or off, with its label in the same row. */
export function Switch({ label, hint, checked, onCheckedChange, disabled }: Props) {
  const id = useId()
  return (
    <label className="flex items-center gap-4 py-2">
      <span className="min-w-0 flex-1">
        <span id={id}>{label}</span>
        {hint && (
          <span id={`${id} hint`.replace(' ', '-')} className="block text-sm text-muted">
            {hint}
          </span>
        )}
      </span>
      <Base.Root
        checked={checked}
        onCheckedChange={(next) => onCheckedChange(next)}
        disabled={disabled}
        aria-labelledby={id}
        aria-describedby={hint ? `${id}-hint` : undefined}
        className="flex h-6 w-10 shrink-0 rounded-full bg-field p-0.5 transition-colors data-checked:bg-accent-solid data-disabled:opacity-50"
      >
        <Base.Thumb className="size-5 rounded-full bg-white transition-transform data-checked:translate-x-4" />
      </Base.Root>
    </label>
  )
}
