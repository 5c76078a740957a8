import { useState, type SubmitEvent } from 'react'
import { useTranslation } from 'react-i18next'
import type { TwoFactorSecret } from '@/api/twofactor'
import QrCode from '@/invitation/QrCode'
import { refusal } from '@/lib/refusal'
import { Button } from '@/ui/Button'
import { CopyButton } from '@/ui/CopyButton'
import { CodeField, digitsOf, isAppCode } from './CodeField'

interface Props {
  secret: TwoFactorSecret
  /** Sends a code of the app. The form shows its error. */
  onCode: (code: string) => Promise<void>
  onCancel: () => void
}

/** Shows the secret for an authenticator app, and asks for the first code of the app. */
export function AppForm({ secret, onCode, onCancel }: Props) {
  const { t } = useTranslation('twoFactor')
  const [code, setCode] = useState('')
  const [problem, setProblem] = useState('')
  const [busy, setBusy] = useState(false)
  const submit = async (e: SubmitEvent): Promise<void> => {
    e.preventDefault()
    setProblem(isAppCode(code) ? '' : t('codeMissing'))
    if (!isAppCode(code)) return
    setBusy(true)
    try {
      await onCode(digitsOf(code))
    } catch (error) {
      setProblem(refusal(error))
      setBusy(false)
    }
  }
  return (
    <form noValidate onSubmit={(e) => void submit(e)} className="flex flex-col gap-4">
      <p className="text-sm">{t('scan')}</p>
      <div className="self-center">
        <QrCode text={secret.uri} label={t('qr')} />
      </div>
      <div className="flex flex-col items-start gap-2 text-sm">
        <p className="text-muted">{t('secret')}</p>
        <p className="w-full rounded-lg border border-line bg-sunken p-3 font-mono break-words select-text">{secret.secret.replace(/.{4}(?!$)/g, '$& ')}</p>
        <CopyButton text={secret.secret} label={t('copySecret')} copied={t('copied')} />
      </div>
      <CodeField value={code} onValueChange={setCode} error={problem} />
      <div className="flex flex-wrap gap-2">
        <Button type="submit" kind="primary" busy={busy}>
          {t('turnOn')}
        </Button>
        <Button kind="quiet" onClick={onCancel}>
          {t('cancel')}
        </Button>
      </div>
    </form>
  )
}
