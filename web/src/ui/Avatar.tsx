import type { LucideIcon } from 'lucide-react'
import { useState } from 'react'
import { useMediaAddress, useMediaAttempt } from '@/app/address'
import { cn } from '@/lib/cn'
import { groupInitials, initials } from './initials'

const grounds = ['bg-avatar-1', 'bg-avatar-2', 'bg-avatar-3', 'bg-avatar-4', 'bg-avatar-5', 'bg-avatar-6', 'bg-avatar-7', 'bg-avatar-8'] as const

/** The same seed has the same colour everywhere. */
function ground(seed: string): string {
  let sum = 0
  for (const c of seed) sum = (sum * 31 + c.codePointAt(0)!) >>> 0
  return grounds[sum % grounds.length]!
}

const sizes = { tiny: 'size-5 text-[0.5rem] rounded', small: 'size-8 text-xs rounded-lg', normal: 'size-10 text-sm rounded-lg', large: 'size-20 text-2xl rounded-2xl' }
export type Size = keyof typeof sizes

interface Face {
  id: string
  name: string
  avatar: string
}

interface Props {
  name: string
  src: string
  /** Colours what stands in for the picture; the name, when absent. */
  seed?: string
  group?: boolean
  /** Members who stand for a group without a picture. */
  faces?: readonly Face[]
  /** Drawn in place of a picture and of initials. */
  icon?: LucideIcon
  size?: Size
  className?: string
}

const nobody: readonly Face[] = []

/** A picture of a person or group, or what stands in for it. Decoration: the name stands beside it. */
export function Avatar({ name, src, seed, group, faces = nobody, icon: Icon, size = 'normal', className }: Props) {
  const picture = usePicture(src)
  const composed = faces.length > 1
  const standIn = Icon ? 'bg-accent-solid text-on-accent' : composed ? 'bg-line' : ['text-white', ground(seed ?? name)]
  return (
    <span
      aria-hidden
      data-faces={composed ? faces.length : undefined}
      className={cn('avatar inline-flex shrink-0 items-center justify-center overflow-hidden font-medium select-none', sizes[size], picture ? 'bg-sunken' : standIn, className)}
    >
      {picture ? (
        <img {...picture} alt="" draggable={false} className="size-full object-cover" />
      ) : Icon ? (
        <Icon className="size-1/2" />
      ) : composed ? (
        <Faces faces={faces} />
      ) : (
        <Letters text={group ? groupInitials(name) : initials(name)} />
      )}
    </span>
  )
}

/** What an img needs; null where there is no picture, or it cannot be loaded. */
function usePicture(address: string): { src: string; onError: () => void } | null {
  const src = useMediaAddress(address)
  const attempt = useMediaAttempt()
  const [failed, setFailed] = useState<{ src: string; attempt: number }>()
  return src && (src !== failed?.src || attempt !== failed.attempt) ? { src, onError: () => setFailed({ src, attempt }) } : null
}

/** Up to four faces in a square; of three the first is as wide as two. */
function Faces({ faces }: { faces: readonly Face[] }) {
  return (
    <span className="grid size-full auto-rows-fr grid-cols-2 gap-px text-[0.7em] leading-none">
      {faces.slice(0, 4).map((face, i) => (
        <FaceCell key={face.id} face={face} wide={faces.length === 3 && i === 0} />
      ))}
    </span>
  )
}

function FaceCell({ face, wide }: { face: Face; wide: boolean }) {
  const picture = usePicture(face.avatar)
  const first = Array.from(initials(face.name))[0] ?? ''
  return (
    <span className={cn('avatar flex min-h-0 min-w-0 items-center justify-center overflow-hidden text-white', ground(face.id), wide && 'col-span-2')}>
      {picture ? <img {...picture} alt="" draggable={false} className="size-full object-cover" /> : <Letters text={first} />}
    </span>
  )
}

// Drawn, not written: letters in the page would count as what a button around them says.
function Letters({ text }: { text: string }) {
  return <span data-initials={text} className="before:content-[attr(data-initials)]" />
}
