import { Upload } from 'lucide-react'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { attach } from '@/composer/control'
import type { ChatKey } from '@/state/model'
import { useSpeech } from './useConversation'

/** Takes files that are dragged onto the conversation. */
export function DropArea({ chat, children }: { chat: ChatKey; children: React.ReactNode }) {
  const { t } = useTranslation('conversation')
  const speech = useSpeech(chat)
  const [over, setOver] = useState(false)
  // Entering a child comes before leaving its parent.
  const depth = useRef(0)
  const files = (event: React.DragEvent) => speech === 'free' && event.dataTransfer.types.includes('Files')
  return (
    <div
      role="presentation"
      className="relative flex min-h-0 flex-1 flex-col"
      onDragEnter={(event) => {
        if (!files(event)) return
        depth.current++
        setOver(true)
      }}
      onDragLeave={(event) => {
        if (!files(event)) return
        depth.current--
        if (depth.current <= 0) setOver(false)
      }}
      onDragOver={(event) => {
        if (files(event)) event.preventDefault()
      }}
      onDrop={(event) => {
        depth.current = 0
        setOver(false)
        if (!files(event)) return
        event.preventDefault()
        attach(chat, [...event.dataTransfer.files])
      }}
    >
      {children}
      {over && (
        <div className="pointer-events-none absolute inset-2 z-20 flex flex-col items-center justify-center gap-2 rounded-2xl border-2 border-dashed border-accent bg-raised/90 font-medium text-accent">
          <Upload aria-hidden className="size-8" />
          {t('drop')}
        </div>
      )}
    </div>
  )
}
