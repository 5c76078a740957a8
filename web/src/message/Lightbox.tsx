import { Dialog } from '@base-ui/react/dialog'
import { ChevronLeft, ChevronRight, Download, X, ZoomIn, ZoomOut } from 'lucide-react'
import { type PointerEvent, useRef, useState, type WheelEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { fullTime } from '@/lib/time'
import type { Message } from '@/state/model'
import { previousFocus } from '@/ui/focus'
import { IconButton } from '@/ui/IconButton'
import { Spinner } from '@/ui/Spinner'
import { toastError } from '@/ui/toast'
import { useCloseOnBack } from '@/ui/useCloseOnBack'
import { download, isAnimated, scaled } from './file'
import { useFileAddress } from './useFileAddress'
import { useGallery } from './useGallery'
import { useSlow } from '@/lib/useSlow'

const most = 8

/** An image over the whole page, with those before and after it in the chat. */
export default function Lightbox({ message, onClose }: { message: Message; onClose: () => void }) {
  const { t, i18n } = useTranslation('message')
  useCloseOnBack(true, onClose)
  const { current, previous, next } = useGallery(message)
  const [zoom, setZoom] = useState(1)
  const go = (step: (() => void) | null) =>
    step &&
    (() => {
      setZoom(1)
      step()
    })
  const [toPrevious, toNext] = [go(previous), go(next)]

  const onKeyDown = (event: React.KeyboardEvent) => {
    const done: Record<string, (() => void) | null> = {
      ArrowLeft: toPrevious,
      ArrowRight: toNext,
      '+': () => setZoom((z) => Math.min(most, z * 1.5)),
      '=': () => setZoom((z) => Math.min(most, z * 1.5)),
      '-': () => setZoom((z) => Math.max(1, z / 1.5)),
      '0': () => setZoom(1),
    }
    const run = done[event.key]
    if (!run || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    run()
  }
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-black/90" />
        <Dialog.Popup finalFocus={() => previousFocus()} onKeyDown={onKeyDown} className="fixed inset-0 z-40 flex flex-col text-white outline-none">
          <header className="flex items-center gap-1 p-2 pl-4">
            <div className="min-w-0 flex-1">
              <Dialog.Title dir="auto" className="truncate text-sm font-medium">{current.file?.name || t('kind.image')}</Dialog.Title>
              <Dialog.Description dir="auto" className="truncate text-xs text-white/70">
                {current.from.name} · {fullTime(current.at, i18n.language)}
              </Dialog.Description>
            </div>
            <IconButton icon={ZoomOut} label={t('zoomOut')} keys="-" disabled={zoom <= 1} onClick={() => setZoom(Math.max(1, zoom / 1.5))} onDark />
            <IconButton icon={ZoomIn} label={t('zoomIn')} keys="+" disabled={zoom >= most} onClick={() => setZoom(Math.min(most, zoom * 1.5))} onDark />
            <IconButton icon={Download} label={t('command.download')} onClick={() => void download(current).catch(toastError)} onDark />
            <Dialog.Close render={<IconButton icon={X} label={t('closeImage')} keys="Esc" onDark />} />
          </header>
          <div className="relative min-h-0 flex-1">
            <Picture key={current.key} message={current} zoom={zoom} onZoom={setZoom} onClose={onClose} />
            <IconButton icon={ChevronLeft} label={t('previousImage')} keys="←" disabled={!toPrevious} onClick={() => toPrevious?.()} onDark className="absolute top-1/2 left-2 -translate-y-1/2 bg-black/40" />
            <IconButton icon={ChevronRight} label={t('nextImage')} keys="→" disabled={!toNext} onClick={() => toNext?.()} onDark className="absolute top-1/2 right-2 -translate-y-1/2 bg-black/40" />
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

interface PictureProps {
  message: Message
  zoom: number
  onZoom: (zoom: number) => void
  onClose: () => void
}

function Picture({ message, zoom, onZoom, onClose }: PictureProps) {
  const { t } = useTranslation('message')
  const { url, renew, failed } = useFileAddress(message)
  const [loaded, setLoaded] = useState(false)
  const slow = useSlow(!loaded && !failed, 300)
  const [moved, setMoved] = useState({ x: 0, y: 0 })
  const offset = zoom === 1 ? { x: 0, y: 0 } : moved
  const grip = useRef<{ x: number; y: number; moved: boolean } | null>(null)

  const onWheel = (event: WheelEvent) => onZoom(Math.min(most, Math.max(1, zoom * (event.deltaY < 0 ? 1.15 : 1 / 1.15))))
  const onPointerDown = (event: PointerEvent) => {
    grip.current = { x: event.clientX - offset.x, y: event.clientY - offset.y, moved: false }
    event.currentTarget.setPointerCapture(event.pointerId)
  }
  const onPointerMove = (event: PointerEvent) => {
    if (!grip.current || zoom === 1) return
    const to = { x: event.clientX - grip.current.x, y: event.clientY - grip.current.y }
    if (Math.hypot(to.x - offset.x, to.y - offset.y) > 2) grip.current.moved = true
    setMoved(to)
  }
  const onPointerUp = (event: PointerEvent) => {
    // A click beside the picture closes, as everywhere.
    if (grip.current && !grip.current.moved && event.target === event.currentTarget) onClose()
    grip.current = null
  }
  // The original where one looks closely, else what the screen can show of it.
  const source = url && (zoom > 1.6 || isAnimated(message.file!) ? url : scaled(url, 'preview'))
  return (
    <div
      role="presentation"
      onWheel={onWheel}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerUp}
      onDoubleClick={() => onZoom(zoom > 1 ? 1 : 2.5)}
      className="flex size-full touch-none items-center justify-center overflow-hidden p-2"
    >
      {slow && <Spinner label={t('kind.image')} className="absolute size-8" />}
      {failed && <p role="alert">{t('imageFailed')}</p>}
      {source && (
        <img
          src={source}
          alt={message.file?.name || t('kind.image')}
          draggable={false}
          onLoad={() => setLoaded(true)}
          onError={renew}
          style={{ transform: `translate(${offset.x}px, ${offset.y}px) scale(${zoom})`, cursor: zoom > 1 ? 'grab' : 'zoom-in' }}
          className="max-h-full max-w-full object-contain motion-safe:transition-transform motion-safe:duration-75"
        />
      )}
    </div>
  )
}
