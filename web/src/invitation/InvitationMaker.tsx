import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState, type SubmitEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { listGroups } from '@/api/group'
import { ApiError } from '@/api/http'
import { createInvitation, type IssuedInvitation } from '@/api/invitation'
import { refusal } from '@/lib/refusal'
import { useServerConfig } from '@/settings/useServerConfig'
import { Button } from '@/ui/Button'
import { CopyButton } from '@/ui/CopyButton'
import { NativeSelect } from '@/ui/NativeSelect'
import { TextField } from '@/ui/TextField'

const QrCode = lazy(() => import('./QrCode'))

const uses = ['1', '10', '50', '0'] as const
const days = ['1', '7', '30'] as const
type Role = 'member' | 'guest'

/** The form of a new invitation, and afterwards its link. */
export function InvitationMaker({ onMade }: { onMade: () => void }) {
  const [made, setMade] = useState<IssuedInvitation | null>(null)
  if (made) return <Made invitation={made} onAnother={() => setMade(null)} />
  return (
    <Form
      onMade={(invitation) => {
        setMade(invitation)
        onMade()
      }}
    />
  )
}

function Form({ onMade }: { onMade: (made: IssuedInvitation) => void }) {
  const { t } = useTranslation('invitation')
  const groups = useQuery({ queryKey: ['own-groups'], queryFn: ({ signal }) => listGroups({ limit: 100 }, signal), staleTime: 0 })
  const [role, setRole] = useState<Role>('member')
  const [most, setMost] = useState<(typeof uses)[number]>('1')
  const [valid, setValid] = useState<(typeof days)[number]>('7')
  const [domain, setDomain] = useState('')
  const [email, setEmail] = useState('')
  const mail = useServerConfig()?.signIn.mail ?? false
  const [chosen, setChosen] = useState<readonly string[]>([])
  const [problem, setProblem] = useState('')
  const [busy, setBusy] = useState(false)

  const submit = async (e: SubmitEvent): Promise<void> => {
    e.preventDefault()
    const missing = role === 'guest' && chosen.length === 0
    setProblem(missing ? t('guestNeedsGroup') : '')
    if (missing) return
    setBusy(true)
    try {
      onMade(await createInvitation({ role, groups: [...chosen], domain: domain.trim(), email: email.trim(), maxUses: Number(most), ttlSeconds: Number(valid) * 86_400 }))
    } catch (error) {
      const wrong = error instanceof ApiError && (['domain', 'email'] as const).find((name) => name in error.fields)
      setProblem(wrong ? t(`wrong.${wrong}`) : refusal(error))
      setBusy(false)
    }
  }
  const open = groups.data?.items.filter((g) => g.isPost || g.name) ?? []
  return (
    <form noValidate onSubmit={(e) => void submit(e)} className="flex flex-col gap-4">
      <div className="grid gap-4 sm:grid-cols-2">
        <NativeSelect
          label={t('uses')}
          value={most}
          options={uses.map((value) => ({ value, label: value === '0' ? t('usesAny') : t('usesOf', { count: Number(value) }) }))}
          onValueChange={setMost}
        />
        <NativeSelect label={t('days')} value={valid} options={days.map((value) => ({ value, label: t('daysOf', { count: Number(value) }) }))} onValueChange={setValid} />
        <NativeSelect label={t('role')} value={role} options={(['member', 'guest'] as const).map((value) => ({ value, label: t(`roles.${value}`) }))} onValueChange={setRole} />
        <TextField label={t('domain')} placeholder={t('domainHint')} autoCapitalize="off" spellCheck={false} value={domain} onValueChange={setDomain} />
        {mail && <TextField label={t('mailTo')} type="email" autoComplete="off" value={email} onValueChange={setEmail} />}
      </div>
      {open.length > 0 && (
        <fieldset className="flex flex-col gap-1">
          <legend className="mb-1 text-sm font-medium">{t('chooseGroups')}</legend>
          <div className="max-h-48 overflow-y-auto rounded-lg border border-line p-2">
            {open.map((g) => (
              <label key={g.id} className="flex items-center gap-3 rounded-lg px-2 py-1.5 hover:bg-hover">
                <input
                  type="checkbox"
                  className="size-4 accent-(--color-accent-solid)"
                  checked={chosen.includes(g.id)}
                  onChange={(e) => setChosen((c) => (e.target.checked ? [...c, g.id] : c.filter((id) => id !== g.id)))}
                />
                <span dir="auto" className="min-w-0 truncate">
                  {g.name}
                </span>
              </label>
            ))}
          </div>
        </fieldset>
      )}
      {problem && (
        <p role="alert" className="text-sm text-danger">
          {problem}
        </p>
      )}
      <Button type="submit" kind="primary" busy={busy} className="self-start">
        {t('create')}
      </Button>
    </form>
  )
}

function Made({ invitation: { link, mailed, invitation }, onAnother }: { invitation: IssuedInvitation; onAnother: () => void }) {
  const { t } = useTranslation('invitation')
  return (
    <div role="status" className="flex flex-col items-start gap-4">
      <div className="flex w-full flex-wrap gap-4">
        <Suspense fallback={<span className="size-52" />}>
          <QrCode text={link} label={t('qr')} />
        </Suspense>
        <div className="flex min-w-52 flex-1 flex-col items-start gap-3">
          <p id="invitation-link" className="text-sm font-medium">
            {t('link')}
          </p>
          <p aria-labelledby="invitation-link" className="w-full rounded-lg border border-line bg-sunken p-3 text-sm break-all select-text">
            {link}
          </p>
          <p className="text-sm text-muted">{t('linkOnce')}</p>
          {mailed && <p className="text-sm">{t('mailed', { email: invitation.email })}</p>}
          <CopyButton text={link} label={t('copy')} copied={t('copied')} />
        </div>
      </div>
      <Button onClick={onAnother}>{t('another')}</Button>
    </div>
  )
}
