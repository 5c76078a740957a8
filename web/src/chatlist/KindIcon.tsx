import { CreditCard, File, Image, MapPin, Mic, Video, type LucideIcon } from 'lucide-react'
import type { Preview } from './preview'

const icons: Readonly<Record<NonNullable<Preview['kind']>, LucideIcon>> = {
  image: Image,
  voice: Mic,
  file: File,
  card: CreditCard,
  location: MapPin,
  video: Video,
}

export function KindIcon({ kind }: { kind: NonNullable<Preview['kind']> }) {
  const Icon = icons[kind]
  return <Icon aria-hidden className="mr-1 inline size-3.5 align-[-0.125em]" />
}
