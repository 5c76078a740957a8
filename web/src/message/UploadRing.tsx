import { X } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { cn } from '@/lib/cn'
import type { Message } from '@/state/model'
import { actions } from '@/state/store'

const radius = 18
const round = 2 * Math.PI * radius

/** How much of the message's file is on the server. A click takes the message back. */
export function UploadRing({ message, fraction, className = 'relative' }: { message: Message; fraction: number; className?: string }) {
  const { t, i18n } = useTranslation('message')
  const percent = new Intl.NumberFormat(i18n.language, { style: 'percent' }).format(fraction)
  return (
    <button
      type="button"
      onClick={() => actions().discard(message.chat, message.key)}
      aria-label={t('cancelUpload', { percent })}
      title={percent}
      className={cn('flex size-11 shrink-0 items-center justify-center rounded-full bg-black/60 text-white', className)}
    >
      <svg aria-hidden viewBox="0 0 44 44" className="absolute inset-0 -rotate-90">
        <circle cx="22" cy="22" r={radius} fill="none" stroke="currentColor" strokeWidth="3" strokeDasharray={round} strokeDashoffset={round * (1 - Math.max(0.03, fraction))} strokeLinecap="round" />
      </svg>
      <X aria-hidden className="size-4" />
    </button>
  )
}
