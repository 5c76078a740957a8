import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { MessageHit } from '@/api/search'
import { pathOf } from '@/app/paths'
import { useChatTitle } from '@/chatlist/useChatTitle'
import { fullTime, shortTime } from '@/lib/time'
import { chatKey } from '@/state/model'
import { Avatar } from '@/ui/Avatar'
import { typeByNumber } from './filters'
import { Marked } from './Marked'
import { useHitLink } from './useHitLink'

/** A message that was found; a click goes to it. `inChat`: it goes without saying in which chat. */
export function MessageHitRow({ hit, inChat }: { hit: MessageHit; inChat?: boolean }) {
  const { t, i18n } = useTranslation('search')
  const title = useChatTitle()
  const { type, value, name } = hit.chat
  const key = chatKey(type, value)
  const link = useHitLink(key, hit.id, inChat)
  const where = title({ ref: { type, id: value }, name })
  return (
    <Link href={pathOf(key, hit.id)} {...link} className="flex gap-3 rounded-lg px-3 py-2.5 -outline-offset-2 hover:bg-hover">
      <Avatar name={hit.from.name} src={hit.from.avatar} seed={hit.from.id} size="small" />
      <span className="min-w-0 flex-1">
        <span className="flex items-baseline gap-2 text-sm">
          <span dir="auto" className="min-w-0 truncate font-medium">{hit.from.name}</span>
          {!inChat && where !== hit.from.name && <span dir="auto" className="min-w-0 flex-1 truncate text-muted">{where}</span>}
          <time dateTime={new Date(hit.at).toISOString()} title={fullTime(hit.at, i18n.language)} className="ml-auto shrink-0 text-xs text-muted">
            {shortTime(hit.at, i18n.language)}
          </time>
        </span>
        <span dir="auto" className="line-clamp-3 break-words text-muted">
          {/* Without a text and a name, as a voice message. */}
          {hit.excerpt.text ? <Marked excerpt={hit.excerpt} /> : t(`types.${typeByNumber[hit.msgType] ?? 'text'}`)}
        </span>
      </span>
    </Link>
  )
}
