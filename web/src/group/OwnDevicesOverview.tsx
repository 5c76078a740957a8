import { FolderSync } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { ChatKey } from '@/state/model'
import { ChatLinks, StickySwitch } from './ChatRows'
import type { DetailsView } from './details-view'

/** The chat with oneself. */
export function OwnDevicesOverview({ chat, onShow }: { chat: ChatKey; onShow: (view: DetailsView) => void }) {
  const { t } = useTranslation('people')
  return (
    <div className="flex h-full flex-col gap-4 overflow-y-auto p-4">
      <div className="flex flex-col items-center gap-2 pt-4 text-center">
        <span className="flex size-20 shrink-0 items-center justify-center rounded-2xl bg-accent-solid text-on-accent">
          <FolderSync aria-hidden className="size-9" />
        </span>
        <p className="font-semibold">{t('myDevices')}</p>
        <p className="text-sm text-muted">{t('myDevicesHint')}</p>
      </div>
      <ChatLinks onShow={onShow} />
      <div className="px-3">
        <StickySwitch chat={chat} />
      </div>
    </div>
  )
}
