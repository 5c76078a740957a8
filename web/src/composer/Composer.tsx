import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useSpeech } from '@/conversation/useConversation'
import type { ChatKey } from '@/state/model'
import { Editor } from './Editor'

const VoiceRecorder = lazy(() => import('./VoiceRecorder'))

/** Where one says something; or why one cannot. */
export function Composer({ chat }: { chat: ChatKey }) {
  const { t } = useTranslation('composer')
  const speech = useSpeech(chat)
  const [recording, setRecording] = useState(false)
  return (
    <footer aria-label={t('label')} className="shrink-0 border-t border-line bg-ground px-3 py-2 pb-[max(0.5rem,env(safe-area-inset-bottom))]">
      <div className="mx-auto max-w-[66rem]">
        {speech !== 'free' ? (
          <p role="status" className="py-2 text-center text-sm text-muted">
            {t(speech)}
          </p>
        ) : recording ? (
          <Suspense fallback={<div className="h-20" />}>
            <VoiceRecorder chat={chat} onDone={() => setRecording(false)} />
          </Suspense>
        ) : (
          <Editor key={chat} chat={chat} onRecord={() => setRecording(true)} />
        )}
      </div>
    </footer>
  )
}
