import { useTranslation } from 'react-i18next'
import type { Message } from '@/state/model'
import { UploadRing } from './UploadRing'
import { pictureSize } from './pictures'
import { useFileAddress } from './useFileAddress'

/** A film that plays where it stands. */
export function VideoBody({ message }: { message: Message }) {
  const { t } = useTranslation('message')
  const { url, renew, failed } = useFileAddress(message)
  const file = message.file!
  const size = pictureSize(file.width, file.height)
  return (
    <div className="relative max-w-full overflow-hidden rounded-xl bg-black" style={{ width: size.width, aspectRatio: `${size.width} / ${size.height}` }}>
      {failed ? (
        <p className="flex size-full items-center justify-center p-2 text-center text-sm text-white">{t('videoFailed')}</p>
      ) : (
        // Videos in messages have no captions.
        // oxlint-disable-next-line jsx-a11y/media-has-caption
        <video src={url} controls playsInline preload="metadata" aria-label={file.name || t('kind.video')} onError={renew} className="size-full" />
      )}
      {message.sending.state === 'uploading' && <UploadRing message={message} fraction={message.sending.fraction} className="absolute inset-0 m-auto" />}
    </div>
  )
}
