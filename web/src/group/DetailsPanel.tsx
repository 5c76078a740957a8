import { ArrowLeft, X } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { loadTexts } from '@/i18n'
import { isComposing } from '@/lib/composing'
import { PersonOverview } from '@/people/PersonOverview'
import { type ChatKey, chatRef, fileTransfer } from '@/state/model'
import { IconButton } from '@/ui/IconButton'
import { GroupOverview } from './GroupOverview'
import { MemberList } from './MemberList'
import { OwnDevicesOverview } from './OwnDevicesOverview'
import type { DetailsView } from './details-view'

const FilesPanel = lazy(() => import('@/conversation/FilesPanel'))
const WebhooksPanel = lazy(() => loadTexts('webhook').then(() => import('@/webhook/WebhooksPanel')))

interface Props {
  chat: ChatKey
  /** What is shown first; `overview` unless said otherwise. */
  view?: DetailsView
  onClose: () => void
}

/** All about the chat that it stands beside. It fills its container and scrolls by itself. */
export default function DetailsPanel(props: Props) {
  // Another chat, or another way in, begins anew.
  return <Panel key={`${props.chat} ${props.view}`} {...props} />
}

function Panel({ chat, view = 'overview', onClose }: Props) {
  const { t } = useTranslation('group')
  const [shown, show] = useState(view)
  const { t: webhook } = useTranslation('webhook')
  const title = shown === 'webhooks' ? webhook('title') : t(shown === 'overview' ? overviewTitle(chat) : `views.${shown}`)
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- the key of whatever has the focus in it
    <section
      aria-label={title}
      className="flex h-full min-h-0 w-full flex-col bg-ground"
      onKeyDown={(event) => {
        // Escape goes one step back, before it closes the panel.
        if (event.key !== 'Escape' || shown === view || event.defaultPrevented || !event.currentTarget.contains(event.target as Node) || isComposing(event)) return
        event.preventDefault()
        event.stopPropagation()
        event.currentTarget.parentElement?.focus()
        show(view)
      }}
    >
      <header className="flex h-14 shrink-0 items-center gap-1 border-b border-line px-3">
        {shown !== 'overview' && <IconButton icon={ArrowLeft} label={t('back')} onClick={() => show('overview')} />}
        <h2 className="min-w-0 flex-1 truncate px-1 font-semibold">{title}</h2>
        <IconButton icon={X} label={t('close')} onClick={onClose} />
      </header>
      <div className="min-h-0 flex-1">
        <Suspense fallback={null}>
          {shown === 'files' && <FilesPanel chat={chat} />}
          {shown === 'webhooks' && <WebhooksPanel group={chatRef(chat).id} />}
          {shown === 'members' && <MemberList id={chatRef(chat).id} />}
          {shown === 'overview' && <Overview chat={chat} onShow={show} onClose={onClose} />}
        </Suspense>
      </div>
    </section>
  )
}

function Overview({ chat, onShow, onClose }: { chat: ChatKey; onShow: (view: DetailsView) => void; onClose: () => void }) {
  const { type, id } = chatRef(chat)
  if (type === 2) return <GroupOverview chat={chat} onShow={onShow} onClose={onClose} />
  if (id === fileTransfer) return <OwnDevicesOverview chat={chat} onShow={onShow} />
  return <PersonOverview chat={chat} onShow={onShow} />
}

function overviewTitle(chat: ChatKey): string {
  const { type, id } = chatRef(chat)
  if (type === 2) return 'views.group'
  return id === fileTransfer ? 'views.devices' : 'views.person'
}
