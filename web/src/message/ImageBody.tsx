import { Image, ImageOff } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { cn } from '@/lib/cn'
import type { Message } from '@/state/model'
import { useRowActions } from './context'
import { isAnimated, scaled } from './file'
import { UploadRing } from './UploadRing'
import { pictureSize } from './pictures'
import { useFileAddress } from './useFileAddress'

/** A picture in the conversation, in room that is kept before it is loaded. A click shows it large. */
export function ImageBody({ message }: { message: Message }) {
  const file = message.file!
  const size = file.isEmotion ? { width: 120, height: 120 } : pictureSize(file.width, file.height)
  return (
    <div className="relative max-w-full overflow-hidden rounded-xl bg-sunken" style={{ width: size.width, aspectRatio: `${size.width} / ${size.height}` }}>
      <Picture message={message} cover={!!file.width} />
    </div>
  )
}

/** The picture of a message, as large as what it stands in. `cover` fills all of that. */
export function Picture({ message, cover }: { message: Message; cover: boolean }) {
  const { t } = useTranslation('message')
  const { openImage } = useRowActions()
  const { url, renew, again, failed } = useFileAddress(message)
  const file = message.file!
  return (
    <>
      {failed ? (
        <button type="button" onClick={again} className="flex size-full flex-col items-center justify-center gap-1 text-sm text-muted">
          <ImageOff aria-hidden className="size-6" />
          {t('imageFailed')}
        </button>
      ) : !url ? (
        <span role="img" aria-label={file.name || t('kind.image')} className="flex size-full items-center justify-center text-muted">
          <Image aria-hidden className="size-6" />
        </span>
      ) : (
        <button type="button" onClick={() => openImage(message)} aria-label={t('openImage', { name: file.name || t('kind.image') })} className="block size-full cursor-zoom-in">
          <img
            src={isAnimated(file) ? url : scaled(url, 'preview')}
            alt=""
            draggable={false}
            decoding="async"
            onError={renew}
            className={cn('size-full', cover ? 'object-cover' : 'object-contain')}
          />
        </button>
      )}
      {message.sending.state === 'uploading' && <UploadRing message={message} fraction={message.sending.fraction} className="absolute inset-0 m-auto" />}
    </>
  )
}
