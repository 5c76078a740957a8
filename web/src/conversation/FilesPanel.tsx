import { useInfiniteQuery } from '@tanstack/react-query'
import { FileText, Images } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useTrouble } from '@/app/useTrouble'
import { bytes } from '@/lib/bytes'
import { shortTime } from '@/lib/time'
import { download, scaled } from '@/message/file'
import { FileIcon } from '@/message/FileIcon'
import { messagesWithFiles } from '@/message/files-near'
import { useFileAddress } from '@/message/useFileAddress'
import type { ChatKey, Message } from '@/state/model'
import { useStore } from '@/state/store'
import { Button } from '@/ui/Button'
import { EmptyState } from '@/ui/EmptyState'
import { Spinner } from '@/ui/Spinner'
import { Tabs } from '@/ui/Tabs'
import { FileName } from '@/ui/FileName'
import { toastError } from '@/ui/toast'
import { onDemand } from '@/ui/onDemand'

const Lightbox = onDemand(() => import('@/message/Lightbox'))
const page = 60

/** The images and the files of a chat, newest first. */
export default function FilesPanel({ chat }: { chat: ChatKey }) {
  const { t } = useTranslation('conversation')
  const [tab, setTab] = useState('images')
  const { messages, query } = useFiles(chat)
  const trouble = useTrouble(query)
  const [open, setOpen] = useState<Message | null>(null)
  const images = messages.filter((message) => message.kind === 'image' && !message.file?.isEmotion)
  const files = messages.filter((message) => message.kind === 'file' || message.kind === 'video')
  const more = query.hasNextPage && (
    <div className="flex justify-center p-3">
      <Button size="small" busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
        {t('older')}
      </Button>
    </div>
  )
  if (trouble && messages.length === 0) {
    return (
      <div role="alert" className="flex flex-col items-center gap-3 p-6 text-center text-sm text-muted">
        <p>{trouble.text}</p>
        {trouble.retry && (
          <Button size="small" onClick={trouble.retry}>
            {t('tryAgain')}
          </Button>
        )}
      </div>
    )
  }
  if (query.isLoading) return <Spinner label={t('loading')} className="m-6 size-5" />
  return (
    <>
      <Tabs
        label={t('filesAndImages')}
        value={tab}
        onValueChange={setTab}
        tabs={[
          {
            id: 'images',
            label: t('images'),
            content: (
              <>
                {images.length === 0 && !query.hasNextPage && <EmptyState icon={Images} title={t('noImages')} text={t('noImagesText')} />}
                <ul className="grid grid-cols-3 gap-1 p-2">
                  {images.map((message) => (
                    <li key={message.key}>
                      <Thumbnail message={message} onOpen={() => setOpen(message)} />
                    </li>
                  ))}
                </ul>
                {more}
              </>
            ),
          },
          {
            id: 'files',
            label: t('files'),
            content: (
              <>
                {files.length === 0 && !query.hasNextPage && <EmptyState icon={FileText} title={t('noFiles')} text={t('noFilesText')} />}
                <ul className="p-2">
                  {files.map((message) => (
                    <li key={message.key}>
                      <FileRow message={message} />
                    </li>
                  ))}
                </ul>
                {more}
              </>
            ),
          },
        ]}
      />
      {open && <Lightbox message={open} onClose={() => setOpen(null)} />}
    </>
  )
}

function useFiles(chat: ChatKey) {
  // The newest message, whatever it is: files are asked for from there on backwards.
  const newest = useStore((s) => s.conversations[chat]?.messages.at(-1)?.id ?? s.chats[chat]?.lastId ?? '')
  const query = useInfiniteQuery({
    queryKey: ['files', chat, newest],
    enabled: newest !== '',
    initialPageParam: newest,
    queryFn: ({ pageParam, signal }) => messagesWithFiles(chat, pageParam, 'before', page, signal),
    // A page ends with the message it was asked from, if that has a file; the last one is not full.
    getNextPageParam: (last, _, asked) => {
      const oldest = last[0]?.id
      return !oldest || oldest === asked || last.length < page - 1 ? undefined : oldest
    },
    placeholderData: (before) => before,
  })
  const seen = new Set<string>()
  const messages = (query.data?.pages ?? [])
    .flatMap((rows) => rows.toReversed())
    .filter((message) => !seen.has(message.key) && seen.add(message.key))
  return { messages, query }
}

function Thumbnail({ message, onOpen }: { message: Message; onOpen: () => void }) {
  const { t } = useTranslation('message')
  const { url, renew } = useFileAddress(message)
  return (
    <button type="button" onClick={onOpen} aria-label={t('openImage', { name: message.file?.name || t('kind.image') })} className="block aspect-square w-full overflow-hidden rounded-lg bg-sunken">
      {url && <img src={scaled(url, 'thumb')} alt="" loading="lazy" onError={renew} className="size-full object-cover" />}
    </button>
  )
}

function FileRow({ message }: { message: Message }) {
  const { i18n } = useTranslation('message')
  const file = message.file!
  return (
    <button type="button" onClick={() => void download(message).catch(toastError)} className="flex w-full items-center gap-3 rounded-lg p-2 text-left hover:bg-hover">
      <span className="flex size-10 shrink-0 items-center justify-center rounded-lg bg-selected text-accent">
        <FileIcon file={file} className="size-5" />
      </span>
      <span className="min-w-0 flex-1">
        <FileName name={file.name} />
        <span className="block truncate text-xs text-muted">
          {bytes(file.size, i18n.language)} · {message.from.name} · {shortTime(message.at, i18n.language)}
        </span>
      </span>
    </button>
  )
}
