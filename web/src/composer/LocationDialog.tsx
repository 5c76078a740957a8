import { LocateFixed } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ChatKey } from '@/state/model'
import { actions } from '@/state/store'
import { Button } from '@/ui/Button'
import { Dialog } from '@/ui/Dialog'
import { TextField } from '@/ui/TextField'

type Search = { state: 'idle' | 'busy' } | { state: 'found'; lat: number; lng: number } | { state: 'failed'; reason: 'denied' | 'unknown' }

/** Sends where one is, after one has said so and seen what is sent. */
export default function LocationDialog({ chat, onClose }: { chat: ChatKey; onClose: () => void }) {
  const { t } = useTranslation('composer')
  const [search, setSearch] = useState<Search>({ state: 'idle' })
  const [title, setTitle] = useState('')
  const [address, setAddress] = useState('')
  const locate = () => {
    setSearch({ state: 'busy' })
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => setSearch({ state: 'found', lat: round(coords.latitude), lng: round(coords.longitude) }),
      (error) => setSearch({ state: 'failed', reason: error.code === error.PERMISSION_DENIED ? 'denied' : 'unknown' }),
      { enableHighAccuracy: true, timeout: 20_000, maximumAge: 60_000 },
    )
  }
  const send = () => {
    if (search.state !== 'found') return
    actions().send(chat, {
      kind: 'location',
      text: '',
      place: { lat: search.lat, lng: search.lng, ...(title.trim() && { title: title.trim() }), ...(address.trim() && { address: address.trim() }) },
    })
    onClose()
  }
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t('location')}
      description={t('locationText')}
      footer={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button kind="primary" disabled={search.state !== 'found'} onClick={send}>
            {t('send')}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <div className="flex items-center gap-3">
          <Button onClick={locate} busy={search.state === 'busy'}>
            <LocateFixed aria-hidden className="size-4" />
            {t('locate')}
          </Button>
          <p role="status" className={search.state === 'failed' ? 'text-sm text-danger' : 'text-sm text-muted tabular-nums'}>
            {search.state === 'found' && `${search.lat}, ${search.lng}`}
            {search.state === 'failed' && t(search.reason === 'denied' ? 'locationDenied' : 'locationUnknown')}
          </p>
        </div>
        <TextField label={t('placeName')} maxLength={200} value={title} onValueChange={setTitle} />
        <TextField label={t('placeAddress')} maxLength={500} value={address} onValueChange={setAddress} />
      </div>
    </Dialog>
  )
}

// Five digits are about a metre.
const round = (degrees: number): number => Math.round(degrees * 1e5) / 1e5
