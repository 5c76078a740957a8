import { Camera, ImageOff } from 'lucide-react'
import { useRef, type ReactElement } from 'react'
import { Menu } from './Menu'
import { Spinner } from './Spinner'

interface Props {
  /** The picture as it is. */
  children: ReactElement
  label: string
  choose: string
  /** Text of the entry that takes the picture away; missing: there is none to take away. */
  remove?: string
  busy: boolean
  onChosen: (file: File) => void
  onRemoved: () => void
}

/** A picture that can be changed: a click asks whether to choose another or to take it away. */
export function PictureButton({ children, label, choose, remove, busy, onChosen, onRemoved }: Props) {
  const file = useRef<HTMLInputElement>(null)
  return (
    <>
      <Menu
        align="start"
        trigger={
          <button type="button" aria-label={label} aria-busy={busy || undefined} className="group relative rounded-2xl">
            {children}
            <span className="absolute -right-1.5 -bottom-1.5 flex size-7 items-center justify-center rounded-full border border-line bg-raised text-muted group-hover:text-text">
              {busy ? <Spinner className="size-4" /> : <Camera aria-hidden className="size-4" />}
            </span>
          </button>
        }
        entries={[
          { icon: Camera, label: choose, onSelect: () => file.current?.click() },
          remove !== undefined && { icon: ImageOff, label: remove, onSelect: onRemoved },
        ]}
      />
      <input
        ref={file}
        type="file"
        hidden
        aria-hidden
        tabIndex={-1}
        accept="image/jpeg,image/png,image/gif,image/webp"
        onChange={(event) => {
          const chosen = event.target.files?.[0]
          event.target.value = ''
          if (chosen) onChosen(chosen)
        }}
      />
    </>
  )
}
