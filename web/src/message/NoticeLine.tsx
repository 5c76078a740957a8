import { useTranslation } from 'react-i18next'
import { cn } from '@/lib/cn'
import { clock, fullTime } from '@/lib/time'
import type { Message } from '@/state/model'
import { useStore } from '@/state/store'
import { useRowActions } from './context'
import { MessageText, Tokens } from './MessageText'
import { ReplyCount } from './ReplyCount'
import { wordReport, wordWithdrawal } from './report'
import { rememberedText } from './withdrawn'

interface Props {
  message: Message
  lit: boolean
  selected: boolean
}

/** A system message. An announcement has lines and links, as a message has. That a message was pinned leads to the message. */
export function SystemLine(props: Props) {
  const me = useStore((s) => s.me?.id)
  const { jumpTo } = useRowActions()
  const { t } = useTranslation('message')
  const { report } = props.message
  const text = (report && wordReport(report, me)) ?? props.message.text
  return (
    <Line {...props}>
      {text.includes('\n') ? (
        <div className="mx-auto w-fit max-w-[40rem] text-left">
          <MessageText text={text} mine={false} plain />
        </div>
      ) : report?.msgid ? (
        <button type="button" title={t('toQuoted')} className="hover:underline" onClick={() => report.msgid && jumpTo(report.msgid)}>
          {text}
        </button>
      ) : (
        <Tokens text={text} />
      )}
    </Line>
  )
}

/** In place of a message that was withdrawn. Who wrote it here may write it again. */
export function WithdrawnLine(props: Props) {
  const { t } = useTranslation('message')
  const { editAgain } = useRowActions()
  const { message } = props
  const me = useStore((s) => s.me?.id)
  const withdrawn = message.mine ? rememberedText(message.id) : undefined
  return (
    <Line {...props}>
      {wordWithdrawal(message.from, message.byAdmin, me)}
      {withdrawn && (
        <button type="button" className="ml-2 font-medium text-accent hover:underline" onClick={() => editAgain(withdrawn)}>
          {t('editAgain')}
        </button>
      )}
    </Line>
  )
}

function Line({ message, lit, selected, children }: Props & { children: React.ReactNode }) {
  const { i18n } = useTranslation('message')
  return (
    <div
      data-message={message.key}
      data-selected={selected || undefined}
      tabIndex={-1}
      className={cn('px-6 py-2 text-center text-sm break-words text-muted outline-none', selected && 'bg-hover ring-2 ring-accent ring-inset', lit && 'animate-lit')}
    >
      <bdi>{children}</bdi>
      <time dateTime={new Date(message.at).toISOString()} title={fullTime(message.at, i18n.language)} className="ml-2 text-xs tabular-nums">
        {clock(message.at, i18n.language)}
      </time>
      <ReplyCount message={message} className="mx-auto" />
    </div>
  )
}
