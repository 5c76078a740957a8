import { ExternalLink } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { useMediaAddress } from '@/app/address'
import type { Message } from '@/state/model'
import { FileIcon } from './FileIcon'

/** The address of a message's picture, sound or film that must not be loaded by itself; null: there is none. */
export function useElsewhere(message: Message): string | null {
  const isMedia = message.kind === 'image' || message.kind === 'video' || message.kind === 'voice'
  const url = isMedia && !message.localFile ? message.file?.url : undefined
  const loaded = useMediaAddress(url)
  return url && !loaded ? url : null
}

/** A picture, sound or film of another site, which learns of nothing before a click. */
export function ElsewhereBody({ message, url }: { message: Message; url: string }) {
  const { t } = useTranslation('message')
  const file = message.file!
  return (
    <a href={url} target="_blank" rel="noopener noreferrer" className="flex w-64 max-w-full items-center gap-3 text-left hover:[&_.font-medium]:underline">
      <span className="flex size-11 shrink-0 items-center justify-center rounded-lg bg-selected text-accent">
        <FileIcon file={file} className="size-5" />
      </span>
      <span className="min-w-0 flex-1">
        <span className="block truncate font-medium">{file.name || t(`kind.${message.kind}`)}</span>
        <span className="block text-sm break-words text-muted">{t('elsewhere', { host: new URL(url).host })}</span>
      </span>
      <ExternalLink aria-hidden className="size-4 shrink-0 text-muted" />
    </a>
  )
}
