import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { cn } from '@/lib/cn'
import { inTone, type Tone, tones } from './emoji-data'

const hand = { unicode: '✋', hasTones: true }

/** Shows the skin tone that is chosen; opened, all of them in its place. */
export function SkinTone({ tone, onChoose }: { tone: Tone; onChoose: (tone: Tone) => void }) {
  const { t } = useTranslation('composer')
  const [open, setOpen] = useState(false)
  const button = useRef<HTMLButtonElement>(null)
  const look = 'flex size-9 shrink-0 items-center justify-center rounded-lg font-emoji text-xl hover:bg-hover'
  if (!open) {
    return (
      <button
        ref={button}
        type="button"
        aria-expanded={false}
        aria-label={t('skinTone', { tone: t(`tone.${tones.indexOf(tone)}`) })}
        title={t('chooseSkinTone')}
        onClick={() => setOpen(true)}
        className={look}
      >
        {inTone(hand, tone)}
      </button>
    )
  }
  return (
    <div role="group" aria-label={t('chooseSkinTone')} className="flex">
      {tones.map((other, i) => (
        <button
          key={other}
          type="button"
          // oxlint-disable-next-line jsx-a11y/no-autofocus -- they take the place of the button that was pressed
          autoFocus={other === tone}
          aria-pressed={other === tone}
          aria-label={t(`tone.${i}`)}
          title={t(`tone.${i}`)}
          onClick={() => {
            onChoose(other)
            setOpen(false)
            requestAnimationFrame(() => button.current?.focus())
          }}
          className={cn(look, other === tone && 'bg-selected')}
        >
          {inTone(hand, other)}
        </button>
      ))}
    </div>
  )
}
