import { X } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { bytes } from '@/lib/bytes'
import { cn } from '@/lib/cn'
import { fileName } from '@/lib/plain'
import { tooLarge } from '@/lib/refusal'
import { FileIcon } from '@/message/FileIcon'
import { FileName } from '@/ui/FileName'
import type { Attachment } from './attachment'

/** The files that go with the message, with what is wrong with them. */
export function AttachmentTray({ attachments, onRemove }: { attachments: readonly Attachment[]; onRemove: (attachment: Attachment) => void }) {
  const { t } = useTranslation('composer')
  if (attachments.length === 0) return null
  return (
    <ul aria-label={t('attachments')} className="mb-1 flex max-h-52 flex-wrap gap-2 overflow-y-auto pt-2 pr-2">
      {attachments.map((attachment) => (
        <li key={attachment.id} className="relative">
          <Shown attachment={attachment} />
          <button
            type="button"
            aria-label={t('removeFile', { name: fileName(attachment.file.name) })}
            onClick={() => onRemove(attachment)}
            className="absolute -top-1.5 -right-1.5 flex size-6 items-center justify-center rounded-full border border-line bg-raised text-muted shadow-sm hover:text-text"
          >
            <X aria-hidden className="size-3.5" />
          </button>
        </li>
      ))}
    </ul>
  )
}

function Shown({ attachment }: { attachment: Attachment }) {
  const { i18n } = useTranslation()
  const { file, kind, preview, over } = attachment
  if (kind === 'image' && over === undefined) {
    return <img src={preview} alt={fileName(file.name)} title={fileName(file.name)} className="size-20 rounded-lg border border-line bg-sunken object-cover" />
  }
  return (
    <div className={cn('flex h-20 w-56 items-center gap-3 rounded-lg border bg-raised p-3', over === undefined ? 'border-line' : 'border-danger')}>
      <FileIcon file={file} className="size-7 shrink-0 text-accent" />
      <span className="min-w-0">
        <FileName name={fileName(file.name)} className="text-sm font-medium" />
        {over === undefined ? (
          <span className="block text-xs text-muted">{bytes(file.size, i18n.language)}</span>
        ) : (
          <span role="alert" className="block text-xs text-danger">
            {tooLarge(file.size, over)}
          </span>
        )}
      </span>
    </div>
  )
}
