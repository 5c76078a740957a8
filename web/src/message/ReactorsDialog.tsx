import { useInfiniteQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { refusal } from '@/lib/refusal'
import { plain } from '@/lib/plain'
import { fullTime } from '@/lib/time'
import type { Message, Reaction } from '@/state/model'
import { actions } from '@/state/store'
import { Avatar } from '@/ui/Avatar'
import { Button } from '@/ui/Button'
import { Dialog } from '@/ui/Dialog'
import { Spinner } from '@/ui/Spinner'

/** All people who have put an emoji on a message. */
export default function ReactorsDialog({ message, onClose }: { message: Message; onClose: () => void }) {
  const { t } = useTranslation('message')
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={t('command.reactions')}>
      <div className="flex flex-col gap-4 px-5 pb-5">
        {message.reactions?.map((reaction) => (
          <Reactors key={reaction.emoji} message={message} reaction={reaction} onClose={onClose} />
        ))}
      </div>
    </Dialog>
  )
}

function Reactors({ message, reaction: { emoji, count }, onClose }: { message: Message; reaction: Reaction; onClose: () => void }) {
  const { t, i18n } = useTranslation('message')
  const { data, error, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ['reactors', message.id, emoji, count],
    queryFn: ({ pageParam }) => actions().reactors(message, emoji, pageParam),
    initialPageParam: 0,
    getNextPageParam: (last, pages) => {
      const shown = pages.flat().length
      return last.length > 0 && shown < count ? shown : undefined
    },
    retry: false,
    gcTime: 0,
  })
  return (
    <section aria-label={`${emoji} ${count}`}>
      <h3 className="mb-1 flex items-center gap-2 text-sm font-medium text-muted tabular-nums">
        <span aria-hidden className="font-emoji text-lg">
          {emoji}
        </span>
        {count}
      </h3>
      {error ? <p className="text-sm text-muted">{refusal(error.message)}</p> : !data && <Spinner />}
      <ul>
        {data?.pages.flat().map(({ id, name, avatar, ts }) => (
          <li key={id}>
            <Link href={`/people/${encodeURIComponent(id)}`} onClick={onClose} className="-mx-2 flex items-center gap-3 rounded-lg px-2 py-1.5 hover:bg-hover">
              <Avatar name={plain(name)} src={avatar} seed={id} size="small" />
              <span dir="auto" className="min-w-0 flex-1 truncate">
                {plain(name)}
              </span>
              <time dateTime={new Date(ts).toISOString()} className="text-xs text-muted">
                {fullTime(ts, i18n.language)}
              </time>
            </Link>
          </li>
        ))}
      </ul>
      {hasNextPage && (
        <Button size="small" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {t('more')}
        </Button>
      )}
    </section>
  )
}
