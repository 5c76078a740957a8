import { Mic, SendHorizontal, Trash2 } from 'lucide-react'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { isComposing } from '@/lib/composing'
import { duration } from '@/lib/time'
import type { ChatKey } from '@/state/model'
import { actions, useStore } from '@/state/store'
import { Button } from '@/ui/Button'
import { IconButton } from '@/ui/IconButton'
import { focusComposer } from './control'
import { longest, useRecorder } from './useRecorder'

/** Records a voice message in place of the field. */
export default function VoiceRecorder({ chat, onDone }: { chat: ChatKey; onDone: () => void }) {
  const { t } = useTranslation('composer')
  const { state, seconds, level, finish } = useRecorder()
  const leave = () => {
    onDone()
    focusComposer()
  }
  const send = async () => {
    const recording = await finish()
    if (recording) {
      const { file } = recording
      const quote = useStore.getState().drafts[chat]?.quote
      actions().send(chat, {
        kind: 'voice',
        text: '',
        file: { name: file.name, size: file.size, type: file.type, seconds: recording.seconds },
        upload: file,
        ...(quote && { quote }),
      })
      actions().setDraft(chat, { quote: null })
    }
    leave()
  }
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || isComposing(event)) return
      event.preventDefault()
      event.stopPropagation()
      leave()
    }
    addEventListener('keydown', onKey, true)
    return () => removeEventListener('keydown', onKey, true)
  })
  if (state === 'denied' || state === 'missing') {
    return (
      <div role="alert" className="flex items-center justify-center gap-3 py-3 text-sm text-danger">
        {t(state === 'denied' ? 'microphoneDenied' : 'microphoneMissing')}
        <Button size="small" onClick={leave}>
          {t('back')}
        </Button>
      </div>
    )
  }
  return (
    <div className="flex h-[5.25rem] items-center gap-3">
      <IconButton icon={Trash2} label={t('cancelRecording')} keys="Esc" danger onClick={leave} />
      <span className="flex size-9 items-center justify-center rounded-full bg-danger-solid text-on-accent" style={{ boxShadow: `0 0 0 ${Math.round(level * 12)}px color-mix(in srgb, var(--color-danger-solid) 30%, transparent)` }}>
        <Mic aria-hidden className="size-4" />
      </span>
      <span role="timer" aria-label={t('recording')} className="tabular-nums">
        {duration(seconds)} <span className="text-muted">/ {duration(longest)}</span>
      </span>
      <span aria-hidden className="h-1.5 min-w-0 flex-1 overflow-hidden rounded-full bg-hover">
        <span className="block h-full rounded-full bg-danger-solid" style={{ width: `${(seconds / longest) * 100}%` }} />
      </span>
      {/* oxlint-disable-next-line jsx-a11y/no-autofocus -- it stands where the field was, which had the focus */}
      <Button kind="primary" disabled={state !== 'recording'} onClick={() => void send()} autoFocus>
        <SendHorizontal aria-hidden className="size-4" />
        {t('send')}
      </Button>
    </div>
  )
}
