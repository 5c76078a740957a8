import { X } from 'lucide-react'

interface Props {
  /** What the list is restricted to. */
  label: string
  value: string
  /** Says that the restriction ends. */
  clear: string
  onClear: () => void
}

/** A restriction of a list to one thing, with a button that ends it. */
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
