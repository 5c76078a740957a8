import { MapPin } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { Place } from '@/state/model'

/** A place. Its map is another site's, which opens on a click and learns of nothing before. */
export function PlaceBody({ place }: { place: Place }) {
  const { t } = useTranslation('message')
  const position = `${place.lat.toFixed(5)}, ${place.lng.toFixed(5)}`
  return (
    <a href={mapAddress(place)} target="_blank" rel="noopener noreferrer" className="flex w-72 max-w-full items-center gap-3 hover:[&_.font-medium]:underline">
      <span className="flex size-11 shrink-0 items-center justify-center rounded-lg bg-selected text-accent">
        <MapPin aria-hidden className="size-5" />
      </span>
      <span className="min-w-0 flex-1">
        <span dir="auto" className="line-clamp-2 font-medium break-words">{place.title || t('kind.location')}</span>
        <span dir="auto" className="line-clamp-2 text-sm break-words text-muted">{place.address || position}</span>
        <span className="block text-xs text-accent">{t('openMap')}</span>
      </span>
    </a>
  )
}

function mapAddress({ lat, lng }: Place): string {
  const at = `${encodeURIComponent(lat)}/${encodeURIComponent(lng)}`
  return `https://www.openstreetmap.org/?mlat=${encodeURIComponent(lat)}&mlon=${encodeURIComponent(lng)}#map=16/${at}`
}
