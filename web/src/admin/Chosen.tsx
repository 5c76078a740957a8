import { X } from 'lucide-react'

interface Props {
  /** Name of the restriction. */
  label: string
  value: string
  /** Label of the button that removes the restriction. */
  clear: string
  onClear: () => void
}

/** The value by which a list is filtered, with a button that removes the filter. */
export function Chosen({ label, value, clear, onClear }: Props) {
  return (
    <span className="flex h-8 max-w-full items-center gap-1 rounded-lg bg-selected pr-1 pl-3 text-sm">
      <span className="truncate">
        {label} <bdi>{value}</bdi>
      </span>
      <button type="button" aria-label={clear} onClick={onClear} className="rounded p-0.5 text-muted hover:bg-hover hover:text-text">
        <X aria-hidden className="size-4" />
      </button>
    </span>
  )
}
