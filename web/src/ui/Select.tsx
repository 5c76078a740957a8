import { Select as Base } from '@base-ui/react/select'
import { Check, ChevronDown } from 'lucide-react'
import { useId } from 'react'

interface Props<T extends string> {
  label: string
  value: T
  options: { value: T; label: string }[]
  onValueChange: (value: T) => void
}

/** One of a few. */
export function Select<T extends string>({ label, value, options, onValueChange }: Props<T>) {
  const id = useId()
  return (
    <div className="flex items-center gap-4 py-2">
      <span id={id} className="min-w-0 flex-1">
        {label}
      </span>
      <Base.Root items={options} value={value} onValueChange={(v) => v !== null && onValueChange(v as T)}>
        <Base.Trigger aria-labelledby={id} className="flex h-9 items-center gap-2 rounded-lg border border-field bg-ground px-3 hover:bg-hover">
          <Base.Value />
          <Base.Icon>
            <ChevronDown aria-hidden className="size-4 text-muted" />
          </Base.Icon>
        </Base.Trigger>
        <Base.Portal>
          <Base.Positioner sideOffset={4} alignItemWithTrigger={false} className="z-50">
            <Base.Popup className="max-h-80 min-w-(--anchor-width) overflow-y-auto rounded-xl border border-line bg-raised p-1 shadow-lg">
              {options.map((o) => (
                <Base.Item key={o.value} value={o.value} className="flex cursor-pointer items-center gap-2 rounded-lg px-2.5 py-1.5 outline-none data-highlighted:bg-hover">
                  <Base.ItemText className="flex-1">{o.label}</Base.ItemText>
                  <Base.ItemIndicator>
                    <Check aria-hidden className="size-4 text-accent" />
                  </Base.ItemIndicator>
                </Base.Item>
              ))}
            </Base.Popup>
          </Base.Positioner>
        </Base.Portal>
      </Base.Root>
    </div>
  )
}
