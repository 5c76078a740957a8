import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ApiError } from '@/api/http'
import { beginTwoFactorAtSignIn, confirmTwoFactorAtSignIn } from '@/api/twofactor'
import { refusal } from '@/lib/refusal'
import { accept } from '@/signin/accept'
import { Button } from '@/ui/Button'
import { Spinner } from '@/ui/Spinner'
import { AppForm } from './AppForm'
import type { StepProps } from './CodeStep'
import { RecoveryCodes } from './RecoveryCodes'

interface Kept {
  codes: string[]
  name: string
}

const isExpired = (error: unknown): boolean => error instanceof ApiError && error.message === 'sign-in expired'

/** The second step of a sign-in of a person who must have two-factor and has none. */
export default function SetUpStep({ ticket, server, onSignedIn, onBack }: StepProps & { server: string }) {
  const { t } = useTranslation('twoFactor')
  const [made, setMade] = useState<Kept | null>(null)
  const why = useRef<HTMLParagraphElement>(null)
  // The form with the password, which had the focus, is no longer there.
  useEffect(() => why.current?.focus(), [])
  const secret = useQuery({
    queryKey: ['two-factor', ticket],
    queryFn: () => beginTwoFactorAtSignIn(ticket),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  })
  if (made) return <RecoveryCodes codes={made.codes} heading={t('file', { name: made.name, server })} onDone={onSignedIn} />

  const confirm = async (code: string): Promise<void> => {
    try {
      const { signIn, recoveryCodes } = await confirmTwoFactorAtSignIn(ticket, code)
      if (await accept(signIn)) setMade({ codes: recoveryCodes, name: signIn.account?.name ?? '' })
    } catch (error) {
      if (isExpired(error)) return onBack(true)
      throw error
    }
  }
  return (
    <section aria-label={t('title')} className="flex flex-col gap-4">
      <p ref={why} tabIndex={-1} className="text-sm outline-none">
        {t('mustHave')}
      </p>
      {secret.isPending && <Spinner className="mx-auto size-5" />}
      {secret.isError && (
        <div role="alert" className="flex flex-col items-center gap-3 text-sm text-danger">
          {isExpired(secret.error) ? t('expired') : refusal(secret.error)}
          {isExpired(secret.error) ? <Button onClick={() => onBack(true)}>{t('back')}</Button> : <Button onClick={() => void secret.refetch()}>{t('retry')}</Button>}
        </div>
      )}
      {secret.data && (
        <>
          <p className="text-sm text-muted">{t('which')}</p>
          <AppForm secret={secret.data} onCode={confirm} onCancel={() => onBack(false)} />
        </>
      )}
    </section>
  )
}
