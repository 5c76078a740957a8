import { CloudOff, ShieldX } from 'lucide-react'
import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { actions, useStore } from '@/state/store'
import { Button } from '@/ui/Button'
import { returnFocus } from '@/ui/focus'
import { Spinner } from '@/ui/Spinner'
import { useOnceTrue } from '@/ui/useOnceTrue'

/** A connection that comes back sooner than this is not worth a word, milliseconds. */
const patience = 2000

const bar = 'flex flex-wrap items-center justify-center gap-x-2 border-b border-line bg-raised px-4 py-1.5 text-center text-sm'

/** Says that there is no connection, above the page so that it covers nothing. */
export function ConnectionBanner() {
  const away = useStore((s) => s.connection === 'connecting' || s.connection === 'offline' || s.connection === 'refused')
  const connected = useOnceTrue(useStore((s) => s.connection === 'online'))
  // The live region is there before it says something: otherwise some screen readers miss it.
  return (
    <div role="status" className="shrink-0">
      {away && <Away patient={connected} />}
    </div>
  )
}

/** `patient`: there was a connection, which may soon be back. A page that was opened without one says so at once. */
function Away({ patient }: { patient: boolean }) {
  const { t } = useTranslation('shell')
  const [told, setTold] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setTold(true), patience)
    return () => clearTimeout(timer)
  }, [])
  const connection = useStore((s) => s.connection)
  const retryAt = useStore((s) => s.retryAt)
  const refused = connection === 'refused'
  const trying = connection === 'connecting' || retryAt === null
  if (!told && !refused && (patient || connection === 'connecting')) return null
  return (
    <div className={bar}>
      {refused ? <ShieldX aria-hidden className="size-4 shrink-0 text-warning" /> : trying ? <Spinner className="size-4" /> : <CloudOff aria-hidden className="size-4 text-warning" />}
      {connection === 'offline' && <span className="sr-only">{t('offline')}</span>}
      {refused ? (
        // Waiting does not help here, so the text names the remedy.
        <span>{t('pageRefused', { origin: location.origin })}</span>
      ) : trying ? (
        <span aria-hidden={connection === 'offline'}>{t(connection === 'offline' ? 'retrying' : 'connecting')}</span>
      ) : (
        <Countdown key={retryAt} to={retryAt} />
      )}
      {connection !== 'connecting' && <TryNow />}
    </div>
  )
}

/** Stays the same element while attempts begin and fail, so that it keeps the focus. */
function TryNow() {
  const { t } = useTranslation('shell')
  const button = useRef<HTMLButtonElement>(null)
  useLayoutEffect(() => {
    const element = button.current
    return () => {
      if (document.activeElement === element) queueMicrotask(returnFocus)
    }
  }, [])
  return (
    <Button ref={button} kind="link" onClick={() => actions().reconnect()}>
      {t('retryNow')}
    </Button>
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
  return <span aria-hidden>{seconds > 0 ? t('retryIn', { count: seconds }) : t('retrying')}</span>
}
