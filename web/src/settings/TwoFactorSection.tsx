import { useQuery } from '@tanstack/react-query'
import { useState, type SubmitEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { ApiError } from '@/api/http'
import { getMe } from '@/api/me'
import { beginTwoFactor, confirmTwoFactor, getTwoFactor, makeRecoveryCodes, turnOffTwoFactor, type Proof, type TwoFactorSecret, type TwoFactorState } from '@/api/twofactor'
import { useTrouble } from '@/app/useTrouble'
import { cn } from '@/lib/cn'
import { refusal } from '@/lib/refusal'
import { fullTime } from '@/lib/time'
import type { Me } from '@/state/model'
import { useStore } from '@/state/store'
import { AppForm } from '@/twofactor/AppForm'
import { RecoveryCodes } from '@/twofactor/RecoveryCodes'
import { Button } from '@/ui/Button'
import { Card } from '@/ui/Card'
import { Dialog } from '@/ui/Dialog'
import { TextField } from '@/ui/TextField'
import { toast } from '@/ui/toast'
import { SignInAgain } from './SignInAgain'
import { useServerConfig } from './useServerConfig'

/** With so few recovery codes left, the page asks to make new ones. */
const few = 3

/** What the page shows in place of the state. */
type Stage = { secret: TwoFactorSecret } | { codes: string[] } | null

/** Turns two-factor on and off, and makes recovery codes. */
export default function TwoFactorSection() {
  const { t } = useTranslation('twoFactor')
  const query = useQuery({
    queryKey: ['two-factor'],
    // Read anew: the store's copy of oneself may be older than the last sign-in or the end of its proof.
    queryFn: async ({ signal }) => ({ me: await getMe(signal), state: await getTwoFactor(signal) }),
    staleTime: 0,
    gcTime: 0,
  })
  const trouble = useTrouble(query)
  const server = useServerConfig()?.server.name ?? 'parley'
  const [stage, setStage] = useState<Stage>(null)
  if (trouble && !query.data) {
    return (
      <Card className={cn('flex flex-col items-start gap-3', trouble.retry ? 'text-danger' : 'text-muted')}>
        <p role="alert">{trouble.text}</p>
        {trouble.retry && <Button onClick={trouble.retry}>{t('retry')}</Button>}
      </Card>
    )
  }
  if (!query.data) return null
  const { me, state } = query.data
  const renew = async (next: Stage): Promise<void> => {
    await query.refetch()
    setStage(next)
  }
  if (stage && 'codes' in stage) {
    return (
      <Card>
        <RecoveryCodes codes={stage.codes} heading={t('file', { name: me.name, server })} onDone={() => setStage(null)} />
      </Card>
    )
  }
  if (stage) {
    const confirm = async (code: string): Promise<void> => {
      const codes = await confirmTwoFactor(code)
      useStore.setState((s) => ({ me: s.me && { ...s.me, twoFactorDue: false } }))
      toast(t('turnedOn'), 'success')
      await renew({ codes })
    }
    return (
      <Card className="max-w-md">
        <AppForm secret={stage.secret} onCode={confirm} onCancel={() => setStage(null)} />
      </Card>
    )
  }
  return state.on ? <On state={state} onStage={renew} /> : <Off me={me} state={state} onSecret={(secret) => setStage({ secret })} onRefused={() => void query.refetch()} />
}

interface OffProps {
  me: Me
  state: TwoFactorState
  onSecret: (secret: TwoFactorSecret) => void
  /** The proof has expired while the page was open. */
  onRefused: () => void
}

function Off({ me, state, onSecret, onRefused }: OffProps) {
  const { t } = useTranslation('twoFactor')
  const fresh = me.freshUntil !== undefined
  const [refused, setRefused] = useState(false)
  const begin = async (proof: Proof): Promise<void> => {
    try {
      onSecret(await beginTwoFactor(proof))
    } catch (error) {
      if (isTooOld(error)) {
        setRefused(true)
        onRefused()
      }
      throw error
    }
  }
  if (!fresh && !state.password) return <SignInAgain me={me} path="/settings/two-factor" text={t('signInAgainWhy')} refused={refused} />
  return (
    <Card className="flex max-w-lg flex-col gap-3">
      {me.twoFactorDue && <p className="rounded-lg border border-warning px-3 py-2 text-sm">{t('due')}</p>}
      <p className="text-sm">{t('what')}</p>
      <p className="text-sm text-muted">{t('which')}</p>
      <ProofForm asks={fresh ? 'nothing' : 'password'} action={t('begin')} onProof={begin} />
    </Card>
  )
}

const isTooOld = (error: unknown): boolean => error instanceof ApiError && error.message === 'sign in again'

type Asking = 'newCodes' | 'anotherApp' | 'turnOff'

function On({ state, onStage }: { state: TwoFactorState; onStage: (stage: Stage) => Promise<void> }) {
  const { t, i18n } = useTranslation('twoFactor')
  const [asking, setAsking] = useState<Asking | null>(null)
  const acts: Record<Asking, (proof: Proof) => Promise<void>> = {
    newCodes: async (proof) => onStage({ codes: await makeRecoveryCodes(proof) }),
    anotherApp: async (proof) => onStage({ secret: await beginTwoFactor(proof) }),
    turnOff: async (proof) => {
      await turnOffTwoFactor(proof)
      toast(t('turnedOff'), 'success')
      await onStage(null)
    },
  }
  const dialog = (what: Asking, title: string, text: string) => (
    <Dialog open={asking === what} onOpenChange={(open) => setAsking(open ? what : null)} title={title} description={text}>
      <div className="flex flex-col gap-3 pb-4">
        <p className="text-sm">{t('confirm')}</p>
        <ProofForm asks={state.password ? 'password or code' : 'code'} action={t(what === 'turnOff' ? 'turnOff' : 'continue')} danger={what === 'turnOff'} onProof={acts[what]} />
      </div>
    </Dialog>
  )
  return (
    <Card className="flex flex-col gap-3">
      <p className="font-medium">{t('onSince', { date: fullTime(state.since ?? 0, i18n.language) })}</p>
      <p className={cn('text-sm', state.recoveryCodes <= few ? 'text-danger' : 'text-muted')}>
        {t('left', { count: state.recoveryCodes })} {state.recoveryCodes <= few && t('few')}
      </p>
      <div className="flex flex-wrap gap-2">
        <Button onClick={() => setAsking('newCodes')}>{t('newCodes')}</Button>
        <Button onClick={() => setAsking('anotherApp')}>{t('anotherApp')}</Button>
        {!state.required && (
          <Button warns onClick={() => setAsking('turnOff')}>
            {t('turnOff')}
          </Button>
        )}
      </div>
      {state.required && <p className="text-sm text-muted">{t('required')}</p>}
      {dialog('newCodes', t('newCodes'), t('newCodesText'))}
      {dialog('anotherApp', t('anotherApp'), t('anotherAppText'))}
      {dialog('turnOff', t('turnOffTitle'), t('turnOffText'))}
    </Card>
  )
}

interface ProofFormProps {
  asks: 'nothing' | 'password' | 'code' | 'password or code'
  action: string
  danger?: boolean
  /** Does what needs the proof. What it throws is shown. */
  onProof: (proof: Proof) => Promise<void>
}

/** Asks for the password or a code. */
function ProofForm({ asks, action, danger = false, onProof }: ProofFormProps) {
  const { t } = useTranslation('twoFactor')
  const [byCode, setByCode] = useState(asks === 'code')
  const [value, setValue] = useState('')
  const [problem, setProblem] = useState('')
  const [busy, setBusy] = useState(false)
  const submit = async (e: SubmitEvent): Promise<void> => {
    e.preventDefault()
    const missing = asks !== 'nothing' && !value.trim()
    setProblem(missing ? t(byCode ? 'anyCodeMissing' : 'passwordMissing') : '')
    if (missing) return
    setBusy(true)
    try {
      await onProof(asks === 'nothing' ? {} : byCode ? { code: value.trim() } : { password: value })
    } catch (error) {
      const wrong = error instanceof ApiError && error.message === 'wrong e-mail address or password'
      setProblem(wrong ? t('passwordWrong') : refusal(error))
    } finally {
      setBusy(false)
    }
  }
  const change = (): void => {
    setByCode(!byCode)
    setValue('')
    setProblem('')
  }
  const common = { value, onValueChange: setValue, ...(problem && { error: problem }) }
  return (
    <form noValidate onSubmit={(e) => void submit(e)} className="flex max-w-sm flex-col items-start gap-3">
      {asks !== 'nothing' &&
        (byCode ? (
          <TextField key="code" label={t('anyCode')} autoComplete="one-time-code" spellCheck={false} maxLength={64} className="w-full" {...common} />
        ) : (
          <TextField key="password" type="password" label={t('password')} autoComplete="current-password" className="w-full" {...common} />
        ))}
      {asks === 'nothing' && problem && (
        <p role="alert" className="text-sm text-danger">
          {problem}
        </p>
      )}
      <Button type="submit" kind={danger ? 'danger' : 'primary'} busy={busy}>
        {action}
      </Button>
      {asks === 'password or code' && (
        <Button kind="link" className="text-sm" onClick={change}>
          {t(byCode ? 'usePassword' : 'useCode')}
        </Button>
      )}
    </form>
  )
}
