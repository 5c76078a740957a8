import { Users } from 'lucide-react'
import { lazy, Suspense } from 'react'
import { useTranslation } from 'react-i18next'
import type { Trouble } from '@/app/useTrouble'
import { ChatAvatar } from '@/chatlist/ChatAvatar'
import { loadTexts } from '@/i18n'
import { type ChatKey, chatRef } from '@/state/model'
import { useStore } from '@/state/store'
import { Button } from '@/ui/Button'
import { Announcement } from './Announcement'
import { ChatLinks, MuteSwitch, StickySwitch } from './ChatRows'
import { GroupEnds } from './GroupEnds'
import { GroupName } from './GroupName'
import { GroupPicture } from './GroupPicture'
import { GroupRules } from './GroupRules'
import { MemberGrid } from './MemberGrid'
import type { DetailsView } from './details-view'
import { permissions } from './permissions'
import { useGroup } from './queries'

const WebhooksLink = lazy(() => loadTexts('webhook').then(() => import('@/webhook/WebhooksLink')))

/** All about a group, and what I may do with it. */
export function GroupOverview({ chat, onShow, onClose }: { chat: ChatKey; onShow: (view: DetailsView) => void; onClose: () => void }) {
  const { t } = useTranslation('group')
  const me = useStore((s) => s.me?.id ?? '')
  const muted = useStore((s) => s.chats[chat]?.muted)
  const { group, trouble } = useGroup(chatRef(chat).id)

  if (trouble) return <FormerGroup chat={chat} trouble={trouble} onShow={onShow} />
  if (!group) return null
  const may = permissions(group, me)
  return (
    <div className="flex h-full flex-col gap-4 overflow-y-auto p-4">
      <div className="flex flex-col items-center gap-2 pt-4 text-center">
        <GroupPicture group={group} editable={may.change} />
        <GroupName group={group} editable={may.change} />
        <p className="text-sm text-muted">{t(group.isPost ? 'groupOf' : 'discussionOf', { count: group.members })}</p>
      </div>
      <Announcement group={group} editable={may.change} />
      <MemberGrid group={group} mayInvite={may.invite} onShowAll={() => onShow('members')} />
      <ChatLinks onShow={onShow} />
      <div className="px-3">
        <MuteSwitch chat={chat} muted={muted ?? group.muted} />
        <StickySwitch chat={chat} />
      </div>
      {may.change && <GroupRules group={group} />}
      {may.change && (
        <Suspense fallback={null}>
          <WebhooksLink onShow={onShow} />
        </Suspense>
      )}
      <GroupEnds group={group} mayDissolve={may.dissolve} onDone={onClose} />
    </div>
  )
}

/** A group that I am no longer in, or that is not loaded: what was said while I was in it is still there to be read. */
function FormerGroup({ chat, trouble, onShow }: { chat: ChatKey; trouble: Trouble; onShow: (view: DetailsView) => void }) {
  const { t } = useTranslation('group')
  const { t: composer } = useTranslation('composer')
  const known = useStore((s) => s.chats[chat])
  return (
    <div className="flex h-full flex-col gap-4 overflow-y-auto p-4">
      <div className="flex flex-col items-center gap-2 pt-4 text-center">
        {known ? <ChatAvatar chat={known} size="large" /> : <Users aria-hidden className="size-10 text-muted" />}
        <p className="font-semibold break-words">{known?.name}</p>
        <p className="text-sm text-muted">{known?.left ? composer(`gone.${known.left}`) : trouble.text}</p>
        {trouble.retry && !known?.left && (
          <Button size="small" onClick={trouble.retry}>
            {t('retry')}
          </Button>
        )}
      </div>
      {known && <ChatLinks onShow={onShow} />}
    </div>
  )
}
