import { CloudOff, ShieldX } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { actions, useStore } from '@/state/store'
import { Button } from '@/ui/Button'
import { Spinner } from '@/ui/Spinner'

/** A connection that comes back sooner than this is not worth a word. */
const patience = 2000

const bar = 'flex flex-wrap items-center justify-center gap-x-2 border-b border-line bg-raised px-4 py-1.5 text-center text-sm'

/** Says that there is no connection, above the page so that it covers nothing. */
export function ConnectionBanner() {
  const away = useStore((s) => s.connection === 'connecting' || s.connection === 'offline')
  const refused = useStore((s) => s.connection === 'refused')
  // The live region is there before it says something: otherwise some screen readers miss it.
  return (
    <div role="status" className="shrink-0">
      {away && <Away />}
      {refused && <Refused />}
    </div>
  )
}

function Away() {
  const { t } = useTranslation('shell')
  const [told, setTold] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setTold(true), patience)
    return () => clearTimeout(timer)
  }, [])
  const offline = useStore((s) => s.connection === 'offline')
  const retryAt = useStore((s) => s.retryAt)
  if (!told) return null
  return (
    <div className={bar}>
      {offline && retryAt !== null ? <CloudOff aria-hidden className="size-4 text-warning" /> : <Spinner className="size-4" />}
      {offline && <span className="sr-only">{t('offline')}</span>}
      {offline && retryAt !== null ? <Countdown key={retryAt} to={retryAt} /> : <span aria-hidden={offline}>{t(offline ? 'retrying' : 'connecting')}</span>}
    </div>
  )
}

/** Waiting does not help here, so the text names the remedy. */
function Refused() {
  const { t } = useTranslation('shell')
  return (
    <div className={bar}>
      <ShieldX aria-hidden className="size-4 shrink-0 text-warning" />
      <span>{t('pageRefused', { origin: location.origin })}</span>
      <Button kind="link" onClick={() => actions().reconnect()}>
        {t('retryNow')}
      </Button>
    </div>
  )
}

// Its seconds are for the eye: a screen reader hears once that there is no connection.
function Countdown({ to }: { to: number }) {
  const { t } = useTranslation('shell')
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 500)
    return () => clearInterval(timer)
  }, [])
  const seconds = Math.max(0, Math.ceil((to - now) / 1000))
  return (
    <>
      <span aria-hidden>{seconds > 0 ? t('retryIn', { count: seconds }) : t('retrying')}</span>
      <Button kind="link" onClick={() => actions().reconnect()}>
        {t('retryNow')}
      </Button>
    </>
  )
}
