import { AppWindow, CalendarDays, FileText, Folder, ListChecks, type LucideIcon, Newspaper, Vote } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { linkTo, useMediaAddress } from '@/app/address'
import { serverAddress } from '@/app/base'
import { cn } from '@/lib/cn'
import type { Card } from '@/state/model'

const icons: Record<string, LucideIcon> = { task: ListChecks, calendar: CalendarDays, post: Newspaper, vote: Vote, kcfile: FileText, kcfolder: Folder }

/** A card of a built-in application, or of another one with its own picture. A click opens what it stands for. `whole` shows all of its text. */
export function CardBody({ card, whole }: { card: Card; whole?: boolean | undefined }) {
  const { t } = useTranslation('message')
  const Icon = card.md && icons[card.md]
  const pic = useMediaAddress(card.pic)
  const to = linkTo(card.url)
  const kind = Icon ? t(`card.${card.md}`) : hostOf(card.url)
  const inside = (
    <>
      <span className="flex items-center gap-3">
        {!Icon && pic ? (
          <img src={pic} alt="" className="size-11 shrink-0 rounded-lg object-cover" />
        ) : (
          <span className="flex size-11 shrink-0 items-center justify-center rounded-lg bg-selected text-accent">{Icon ? <Icon aria-hidden className="size-5" /> : <AppWindow aria-hidden className="size-5" />}</span>
        )}
        <span className="min-w-0 flex-1">
          <span dir="auto" className={cn('font-medium break-words', whole ? 'block' : 'line-clamp-2')}>{card.title}</span>
          {card.text && <span dir="auto" className={cn('text-sm break-words text-muted', whole ? 'block whitespace-pre-line' : 'line-clamp-2')}>{card.text}</span>}
        </span>
      </span>
      {kind && <span className="mt-2 block truncate border-t border-line pt-1 text-xs text-muted">{kind}</span>}
    </>
  )
  const look = 'block w-72 max-w-full text-left'
  if (!to) return <div className={look}>{inside}</div>
  return (
    <a href={serverAddress(card.url)} target="_blank" rel="noopener noreferrer" className={`${look} hover:[&_.font-medium]:underline`}>
      {inside}
    </a>
  )
}

function hostOf(url: string): string {
  try {
    return new URL(url).host
  } catch {
    return ''
  }
}
