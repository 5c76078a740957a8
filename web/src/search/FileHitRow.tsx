import { File, FileImage, FileVideo, Mic } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { FileHit } from '@/api/search'
import { pathOf } from '@/app/paths'
import { useChatTitle } from '@/chatlist/useChatTitle'
import { bytes } from '@/lib/bytes'
import { plain } from '@/lib/plain'
import { fullTime, shortTime } from '@/lib/time'
import { chatKey } from '@/state/model'
import { FileName } from '@/ui/FileName'
import { useHitLink } from './useHitLink'

// By the number of the message's kind; what is not here is an ordinary file.
const icons: Readonly<Record<number, typeof File>> = { 2: FileImage, 3: Mic, 7: FileVideo }

/** A file that was found; a click goes to the message it came with. */
export function FileHitRow({ hit, inChat }: { hit: FileHit; inChat?: boolean }) {
  const { i18n } = useTranslation()
  const Icon = icons[hit.msgType] ?? File
  const { type, value, name } = hit.chat
  const key = chatKey(type, value)
  const link = useHitLink(key, hit.id, inChat)
  const where = useChatTitle()({ ref: { type, id: value }, name })
  const about = [hit.file.size > 0 && bytes(hit.file.size, i18n.language), hit.from.name, !inChat && where !== hit.from.name && where]
  return (
    <Link href={pathOf(key, hit.id)} {...link} className="flex items-center gap-3 rounded-lg px-3 py-2.5 -outline-offset-2 hover:bg-hover">
      <span className="flex size-10 shrink-0 items-center justify-center rounded-lg bg-sunken text-muted">
        <Icon aria-hidden className="size-5" />
      </span>
      <span className="min-w-0 flex-1">
        <FileName name={plain(hit.file.name)} />
        <span dir="auto" className="block truncate text-sm text-muted">{about.filter(Boolean).join(' · ')}</span>
      </span>
      <time dateTime={new Date(hit.at).toISOString()} title={fullTime(hit.at, i18n.language)} className="shrink-0 text-xs text-muted">
        {shortTime(hit.at, i18n.language)}
      </time>
    </Link>
  )
}
