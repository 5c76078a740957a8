import { useInfiniteQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { plain } from '@/lib/plain'
import { refusal } from '@/lib/refusal'
import type { Message } from '@/state/model'
import { actions, useStore } from '@/state/store'
import { Avatar } from '@/ui/Avatar'
import { Button } from '@/ui/Button'
import { Dialog } from '@/ui/Dialog'
import { Spinner } from '@/ui/Spinner'

/** Who has read an own message, and who has not. */
export default function ReadersDialog({ message, onClose }: { message: Message; onClose: () => void }) {
  const { t } = useTranslation('message')
  // The mark can change while the dialog is open.
  const mark = useStore((s) => s.conversations[message.chat]?.messages.find((m) => m.id === message.id)?.mark) ?? message.mark ?? { read: 0, of: 0 }
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={t('command.readers')}>
      <div className="flex flex-col gap-4 px-5 pb-5">
        <Side message={message} read count={mark.read} onClose={onClose} />
        <Side message={message} read={false} count={mark.of - mark.read} onClose={onClose} />
      </div>
    </Dialog>
  )
}

function Side({ message, read, count, onClose }: { message: Message; read: boolean; count: number; onClose: () => void }) {
  const { t } = useTranslation('message')
  const { data, error, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ['readers', message.id, read, count],
    queryFn: async ({ pageParam }) => (await actions().readers(message, read, pageParam)).users,
    initialPageParam: 0,
    getNextPageParam: (last, pages) => {
      const shown = pages.flat().length
      return last.length > 0 && shown < count ? shown : undefined
    },
    retry: false,
    gcTime: 0,
  })
  const title = t(read ? 'haveRead' : 'haveNotRead', { count })
  return (
    <section aria-label={title}>
      <h3 className="mb-1 text-sm font-medium text-muted tabular-nums">{title}</h3>
      {error ? <p className="text-sm text-muted">{refusal(error.message)}</p> : !data && <Spinner />}
      <ul>
        {data?.pages.flat().map(({ id, name, avatar }) => (
          <li key={id}>
            <Link href={`/people/${encodeURIComponent(id)}`} onClick={onClose} className="-mx-2 flex items-center gap-3 rounded-lg px-2 py-1.5 hover:bg-hover">
              <Avatar name={plain(name)} src={avatar} seed={id} size="small" />
              <span dir="auto" className="min-w-0 flex-1 truncate">
                {plain(name)}
              </span>
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
