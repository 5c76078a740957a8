import { Download } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { bytes } from '@/lib/bytes'
import type { Message } from '@/state/model'
import { FileName } from '@/ui/FileName'
import { toastError } from '@/ui/toast'
import { download, extension } from './file'
import { FileIcon } from './FileIcon'
import { UploadRing } from './UploadRing'

/** A file: what it is, how large, and a click to get it. */
export function FileBody({ message }: { message: Message }) {
  const { t, i18n } = useTranslation('message')
  const file = message.file!
  const details = [extension(file).toUpperCase(), file.size > 0 ? bytes(file.size, i18n.language) : ''].filter(Boolean).join(' · ')
  return (
    <div className="flex w-64 max-w-full items-center gap-3">
      {message.sending.state === 'uploading' ? (
        <UploadRing message={message} fraction={message.sending.fraction} />
      ) : (
        <span className="flex size-11 shrink-0 items-center justify-center rounded-lg bg-accent-solid text-on-accent">
          <FileIcon file={file} className="size-5" />
        </span>
      )}
      <span className="min-w-0 flex-1">
        <FileName name={file.name || t('kind.file')} className="font-medium" />
        <span className="block text-sm text-muted">{details}</span>
      </span>
      {message.id !== null && (
        <button
          type="button"
          aria-label={t('downloadFile', { name: file.name })}
          onClick={() => download(message).catch(toastError)}
          className="flex size-8 shrink-0 items-center justify-center rounded-full text-muted hover:bg-hover hover:text-text"
        >
          <Download aria-hidden className="size-4" />
        </button>
      )}
    </div>
  )
}
