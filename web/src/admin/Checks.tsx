interface Props<T extends string> {
  legend: string
  hint?: string
  options: readonly { value: T; label: string; about?: string; disabled?: boolean }[]
  chosen: readonly T[]
  disabled?: boolean
  onChange: (chosen: T[]) => void
}

/** A group of checkboxes. */
export function Checks<T extends string>({ legend, hint, options, chosen, disabled, onChange }: Props<T>) {
  return (
    <fieldset disabled={disabled} className="min-w-0">
      <legend className="text-sm font-medium">{legend}</legend>
      {hint && <p className="text-sm text-muted">{hint}</p>}
      <div className="mt-2 grid gap-x-4 gap-y-2 sm:grid-cols-2">
        {options.map((o) => (
          <label key={o.value} className="flex min-w-0 items-start gap-2">
            <input
              type="checkbox"
              disabled={o.disabled}
              checked={chosen.includes(o.value)}
              onChange={(e) => onChange(options.map((one) => one.value).filter((v) => (v === o.value ? e.target.checked : chosen.includes(v))))}
              className="mt-1 size-4 shrink-0 accent-accent-solid"
            />
            <span className="min-w-0">
              <span className="break-words">{o.label}</span>
              {o.about && <span className="block text-sm text-muted">{o.about}</span>}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  )
}
