import type { KeyboardEvent, PointerEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { clampListWidth, initialPreferences, listWidthLimits, setPreferences, usePreferences } from '@/app/preferences'

const step = 16

/** The line at the right of the list, which it belongs to; dragged, or moved with the arrow keys, it sets the list's width. */
export function PaneSplitter() {
  const { t } = useTranslation('shell')
  const width = usePreferences((p) => p.listWidth)

  const drag = (e: PointerEvent<HTMLDivElement>): void => {
    if (e.button !== 0) return
    e.preventDefault()
    const begin = e.clientX - width
    const line = e.currentTarget
    line.setPointerCapture(e.pointerId)
    const move = (m: globalThis.PointerEvent): void => usePreferences.setState({ listWidth: clampListWidth(m.clientX - begin) })
    const end = (): void => {
      line.removeEventListener('pointermove', move)
      setPreferences({}) // kept once, not for every pixel
    }
    line.addEventListener('pointermove', move)
    line.addEventListener('lostpointercapture', end, { once: true })
  }

  const keys = (e: KeyboardEvent): void => {
    const wanted = { ArrowLeft: width - step, ArrowRight: width + step, Home: listWidthLimits.min, End: listWidthLimits.max }[e.key]
    if (wanted === undefined) return
    e.preventDefault()
    setPreferences({ listWidth: clampListWidth(wanted) })
  }

  return (
    <div
      role="separator"
      tabIndex={0}
      aria-label={t('resize')}
      aria-orientation="vertical"
      aria-valuenow={width}
      aria-valuemin={listWidthLimits.min}
      aria-valuemax={listWidthLimits.max}
      onPointerDown={drag}
      onKeyDown={keys}
      onDoubleClick={() => setPreferences({ listWidth: initialPreferences.listWidth })}
      className="group absolute inset-y-0 -right-1 z-10 w-2 cursor-col-resize touch-none"
    >
      <span aria-hidden className="absolute inset-y-0 left-1/2 w-px bg-line group-hover:w-0.5 group-hover:bg-accent group-active:w-0.5 group-active:bg-accent" />
    </div>
  )
}
