import type { TFunction } from 'i18next'
import { plain } from '@/lib/plain'
import type { Message, Quote } from '@/state/model'
import { useStore } from '@/state/store'
import { withEmotions } from './emotions'
import { withoutMarks } from './marks'
import { wordReport, wordWithdrawal } from './report'

type Shown = Pick<Message | Quote, 'kind' | 'text' | 'withdrawn' | 'file' | 'card' | 'place'> & Partial<Pick<Message, 'from' | 'report' | 'byAdmin'>>

/** A message as one line: for quotes, announcements and lists. `t` is of the noun `message`. */
export function oneLine(message: Shown, t: TFunction<'message'>): string {
  const me = useStore.getState().me?.id
  if (message.withdrawn) return message.from ? wordWithdrawal(message.from, message.byAdmin, me) : t('withdrawn')
  const said = (message.report && wordReport(message.report, me)) ?? withoutMarks(message.text)
  const text = plain(withEmotions(said).replace(/\s+/g, ' ')).trim()
  switch (message.kind) {
    case 'text':
    case 'system':
      return text
    case 'card':
      return label(t('kind.card'), message.card?.title ?? text)
    case 'location':
      return label(t('kind.location'), message.place?.title || message.place?.address || text)
    case 'file':
      return label(t('kind.file'), [message.file?.name, text].filter(Boolean).join(' '))
    case 'image':
    case 'voice':
    case 'video':
      return label(t(`kind.${message.kind}`), text)
  }
}

const label = (kind: string, rest: string): string => (rest ? `${kind} ${rest}` : kind)
