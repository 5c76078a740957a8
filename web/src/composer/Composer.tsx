import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'wouter'
import { useSpeech } from '@/conversation/useConversation'
import { select } from '@/message/selection'
import type { ChatKey } from '@/state/model'
import { isListed } from '@/state/chatlist'
import { actions, useStore } from '@/state/store'
import { Button } from '@/ui/Button'
import { toastError } from '@/ui/toast'
import { Editor } from './Editor'

const VoiceRecorder = lazy(() => import('./VoiceRecorder'))

/** Where one says something; or why one cannot. */
export function Composer({ chat, onEditLast }: { chat: ChatKey; onEditLast: () => void }) {
  const { t } = useTranslation('composer')
  const speech = useSpeech(chat)
  const [recording, setRecording] = useState(false)
  const left = useStore((s) => s.chats[chat]?.left)
  const listed = useStore((s) => isListed(s, chat))
  const [, navigate] = useLocation()
  const remove = async (): Promise<void> => {
    await actions().hideChat(chat)
    navigate('/')
  }
  return (
    <footer aria-label={t('label')} className="shrink-0 border-t border-line bg-ground px-3 py-2 pb-[max(0.5rem,env(safe-area-inset-bottom))]">
      <div className="mx-auto max-w-[66rem]">
        {speech !== 'free' ? (
          <div className="flex flex-wrap items-center justify-center gap-x-3 py-2 text-sm text-muted">
            <p role="status">{left ? t(`gone.${left}`) : t(speech)}</p>
            {left && listed && (
              <Button size="small" onClick={() => void remove().catch(toastError)}>
                {t('removeFromList')}
              </Button>
            )}
          </div>
        ) : recording ? (
          <Suspense fallback={<div className="h-20" />}>
            <VoiceRecorder chat={chat} onDone={() => setRecording(false)} />
          </Suspense>
        ) : (
          <Editor key={chat} chat={chat} onRecord={() => setRecording(true)} onEditLast={onEditLast} onSelectLast={() => selectLast(chat)} />
        )}
      </div>
    </footer>
  )
}

/** Selects the last message of the chat. */
function selectLast(chat: ChatKey): void {
  const conversation = useStore.getState().conversations[chat]
  const last = conversation?.outbox.at(-1) ?? conversation?.messages.at(-1)
  if (last) select(last)
}
