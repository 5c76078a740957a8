import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { cn } from '@/lib/cn'
import type { Message } from '@/state/model'
import { CardBody } from './CardBody'
import { ElsewhereBody, useElsewhere } from './ElsewhereBody'
import { withEmotions } from './emotions'
import { FileBody } from './FileBody'
import { ImageBody } from './ImageBody'
import { isBigEmoji, MessageText } from './MessageText'
import { EditedMark } from './EditedMark'
import { PlaceBody } from './PlaceBody'
import { QuoteBlock } from './QuoteBlock'
import { VideoBody } from './VideoBody'
import { VoiceBody } from './VoiceBody'

/** What a message says, in its bubble. Pictures and single emoji stand without one. */
export function Bubble({ message, tail }: { message: Message; tail: boolean }) {
  const { t } = useTranslation('message')
  const picture = message.kind === 'image' || message.kind === 'video'
  const big = message.kind === 'text' && !message.quote && isBigEmoji(message.text)
  if (big) return <div dir="auto" data-text className="wrap-message font-emoji text-5xl leading-tight">{withEmotions(message.text)}</div>
  const bare = picture && !message.text && !message.quote
  return (
    <BubbleFrame mine={message.mine} tail={tail} bare={bare}>
      {message.quote && <QuoteBlock quote={message.quote} />}
      <Body message={message} />
      {message.text && (message.kind === 'text' || picture || message.kind === 'file') && (
        <div className={message.kind === 'text' ? undefined : 'mt-2'}>
          <MessageText text={message.text} mine={message.mine} />
          {message.edited && <EditedMark message={message} />}
        </div>
      )}
      {message.kind === 'card' && message.app?.url && <p className="mt-1 text-xs text-muted">{t('through', { app: message.app.name })}</p>}
    </BubbleFrame>
  )
}

/** The coloured box around a message; `bare` draws none. */
export function BubbleFrame({ mine, tail, bare = false, children }: { mine: boolean; tail: boolean; bare?: boolean; children: ReactNode }) {
  return (
    <div
      className={cn(
        'min-w-0 max-w-full',
        !bare && ['rounded-2xl px-3 py-2', mine ? 'bg-bubble-mine' : 'bg-bubble'],
        !bare && tail && (mine ? 'rounded-br-md' : 'rounded-bl-md'),
      )}
    >
      {children}
    </div>
  )
}

function Body({ message }: { message: Message }) {
  const elsewhere = useElsewhere(message)
  if (elsewhere) return <ElsewhereBody message={message} url={elsewhere} />
  switch (message.kind) {
    case 'image':
      return message.file ? <ImageBody message={message} /> : null
    case 'video':
      return message.file ? <VideoBody message={message} /> : null
    case 'voice':
      return message.file ? <VoiceBody message={message} /> : null
    case 'file':
      return message.file ? <FileBody message={message} /> : null
    case 'card':
      return message.card ? <CardBody card={message.card} whole={message.bot} /> : null
    case 'location':
      return message.place ? <PlaceBody place={message.place} /> : null
    default:
      return null
  }
}
