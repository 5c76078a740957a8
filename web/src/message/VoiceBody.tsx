import { Pause, Play } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { duration } from '@/lib/time'
import type { Message } from '@/state/model'
import { changeRate, seek, togglePlay, usePlayer } from './player'
import { UploadRing } from './UploadRing'

/** A voice message with its player. The dot says that I have not heard it. */
export function VoiceBody({ message }: { message: Message }) {
  const { t } = useTranslation('message')
  const playing = usePlayer((s) => s.key === message.key && s.playing)
  const mine = usePlayer((s) => s.key === message.key)
  const error = usePlayer((s) => s.key === message.key && s.error)
  const heard = message.mine || message.file?.heard
  return (
    <div className="flex w-60 max-w-full items-center gap-2">
      {message.sending.state === 'uploading' ? (
        <UploadRing message={message} fraction={message.sending.fraction} />
      ) : (
        <button
          type="button"
          aria-label={playing ? t('pauseVoice') : t('playVoice', { length: duration(message.file?.seconds ?? 0) })}
          onClick={() => void togglePlay(message)}
          className="flex size-9 shrink-0 items-center justify-center rounded-full bg-accent-solid text-on-accent hover:brightness-110"
        >
          {playing ? <Pause aria-hidden className="size-4" /> : <Play aria-hidden className="ml-0.5 size-4" />}
        </button>
      )}
      <div className="min-w-0 flex-1">
        {error ? (
          <span role="alert" className="text-sm text-danger">
            {t('voiceFailed')}
          </span>
        ) : (
          <Track message={message} active={mine} />
        )}
      </div>
      {mine && <Rate />}
      {!heard && <span role="img" aria-label={t('unheard')} className="size-2 shrink-0 rounded-full bg-badge" />}
    </div>
  )
}

function Track({ message, active }: { message: Message; active: boolean }) {
  const { t } = useTranslation('message')
  const at = usePlayer((s) => (active ? s.at : 0))
  const known = usePlayer((s) => (active ? s.seconds : 0))
  const seconds = known || message.file?.seconds || 0
  return (
    <span className="flex items-center gap-2">
      <input
        type="range"
        min={0}
        max={Math.max(seconds, 0.1)}
        step={0.1}
        value={Math.min(at, seconds)}
        disabled={!active}
        aria-label={t('voicePosition')}
        aria-valuetext={`${duration(at)} / ${duration(seconds)}`}
        onChange={(event) => seek(Number(event.target.value))}
        className="h-1 min-w-0 flex-1 accent-accent-solid"
      />
      <span className="shrink-0 text-sm text-muted tabular-nums">{duration(active && at > 0 ? at : seconds)}</span>
    </span>
  )
}

function Rate() {
  const { t, i18n } = useTranslation('message')
  const rate = usePlayer((s) => s.rate)
  const shown = new Intl.NumberFormat(i18n.language).format(rate)
  return (
    <button type="button" aria-label={t('voiceRate', { rate: shown })} onClick={changeRate} className="shrink-0 rounded px-1 text-xs font-medium text-muted tabular-nums hover:bg-hover hover:text-text">
      {shown}×
    </button>
  )
}
