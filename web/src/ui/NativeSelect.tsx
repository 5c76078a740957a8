import { useId } from 'react'

interface Props<T extends string> {
  label: string
  hint?: string
  value: T
  options: readonly { value: T; label: string }[]
  onValueChange: (value: T) => void
}

/** One of many, in a form: the browser's own list, in which one can type. */
export function NativeSelect<T extends string>({ label, hint, value, options, onValueChange }: Props<T>) {
  const id = useId()
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      <select
        id={id}
        value={value}
        aria-describedby={hint ? `${id}-below` : undefined}
        onChange={(e) => onValueChange(e.target.value as T)}
        className="h-9 w-full rounded-lg border border-field bg-ground px-2 text-text"
      >
        {options.map((o) => (
          <option key={o.value} value={o.value}>
            {o.label}
          </option>
        ))}
      </select>
      {hint && (
        <p id={`${id}-below`} className="text-sm text-muted">
          {hint}
        </p>
      )}
    </div>
  )
}
