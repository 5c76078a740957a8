import { useId } from 'react'

interface Props<T extends string> {
  label: string
  hint?: string
  value: T
  /** Those of a group stand together, below its name. */
  options: readonly { value: T; label: string; group?: string }[]
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
        {[...new Set(options.map((o) => o.group))].map((group) => {
          const shown = options.filter((o) => o.group === group).map((o) => (
            <option key={o.value} value={o.value}>
              {o.label}
            </option>
          ))
          return group === undefined ? (
            shown
          ) : (
            <optgroup key={group} label={group}>
              {shown}
            </optgroup>
          )
        })}
      </select>
      {hint && (
        <p id={`${id}-below`} className="text-sm text-muted">
          {hint}
        </p>
      )}
    </div>
  )
}
