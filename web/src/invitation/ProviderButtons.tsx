import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ServerConfig } from '@/api/config'
import { ApiError } from '@/api/http'
import { acceptWithProvider } from '@/api/invitation'
import { refusal } from '@/lib/refusal'
import { providerError } from '@/signin/providerError'
import { Button } from '@/ui/Button'

interface Props {
  secret: string
  providers: ServerConfig['signIn']['oidc']
}

/** The buttons that accept an invitation with a provider. */
export function ProviderButtons({ secret, providers }: Props) {
  const { t } = useTranslation('invitation')
  const { t: signIn } = useTranslation('signin')
  const [busy, setBusy] = useState('')
  const [error, setError] = useState('')
  const go = async (provider: string): Promise<void> => {
    setBusy(provider)
    setError('')
    try {
      location.assign((await acceptWithProvider(provider, secret)).address)
    } catch (e) {
      setError(e instanceof ApiError && e.status === 503 ? providerError(e.message, signIn) : refusal(e))
      setBusy('')
    }
  }
  return (
    <div className="flex flex-col gap-3">
      {error && (
        <p role="alert" className="text-sm text-danger">
          {error}
        </p>
      )}
      {providers.map(({ id, name }) => (
        <Button key={id} size="large" busy={busy === id} disabled={busy !== '' && busy !== id} onClick={() => void go(id)}>
          {t('with', { name })}
        </Button>
      ))}
      <p className="text-center text-sm text-muted">{t('or')}</p>
    </div>
  )
}
