import { Users } from 'lucide-react'
import { useState } from 'react'
import { useMediaAddress } from '@/app/address'
import { cn } from '@/lib/cn'

const grounds = ['bg-avatar-1', 'bg-avatar-2', 'bg-avatar-3', 'bg-avatar-4', 'bg-avatar-5', 'bg-avatar-6'] as const

/** The same name has the same colour everywhere. */
function ground(seed: string): string {
  let sum = 0
  for (const c of seed) sum = (sum * 31 + c.codePointAt(0)!) >>> 0
  return grounds[sum % grounds.length]!
}

/** Two letters of a Latin name; of a Chinese one the last two characters, as people there are used to. */
function initials(name: string): string {
  const letters = Array.from(name.trim())
  if (/\p{Script=Han}/u.test(name)) return letters.filter((c) => /\p{Script=Han}/u.test(c)).slice(-2).join('')
  const words = name.trim().split(/\s+/)
  const first = Array.from(words[0] ?? '')[0] ?? ''
  const last = words.length > 1 ? (Array.from(words.at(-1)!)[0] ?? '') : (letters[1] ?? '')
  return (first + last).toLocaleUpperCase()
}

const sizes = { tiny: 'size-5 text-[0.5rem] rounded', small: 'size-8 text-xs rounded-lg', normal: 'size-10 text-sm rounded-lg', large: 'size-20 text-2xl rounded-2xl' }

interface Props {
  name: string
  src: string
  /** Colours what stands in for the picture; the name, when absent. */
  seed?: string
  group?: boolean
  size?: keyof typeof sizes
  className?: string
}

/** A picture of a person or group, or their initials. Decoration: the name stands beside it. */
export function Avatar({ name, src, seed, group, size = 'normal', className }: Props) {
  const picture = useMediaAddress(src)
  const [failed, setFailed] = useState<string>()
  const look = cn('inline-flex shrink-0 items-center justify-center overflow-hidden font-medium select-none', sizes[size], className)
  if (picture && picture !== failed) {
    return (
      <span aria-hidden className={cn(look, 'bg-sunken')}>
        <img src={picture} alt="" draggable={false} onError={() => setFailed(picture)} className="size-full object-cover" />
      </span>
    )
  }
  return (
    <span aria-hidden className={cn(look, 'text-white', ground(seed ?? name))}>
      {/* Drawn, not written: letters in the page would count as what a button around them says. */}
      {group ? <Users className="size-1/2" /> : <span data-initials={initials(name)} className="before:content-[attr(data-initials)]" />}
    </span>
  )
}
