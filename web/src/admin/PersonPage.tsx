import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState, type ReactNode, type SubmitEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import {
  changePerson,
  createSignInLink,
  endStaffSession,
  getStaff,
  handOverGroups,
  resetTwoFactor,
  setPassword,
  signOutEverywhere,
  type AdminPersonPatch,
  type AdminSession,
  type AdminSignInLink,
  type StaffProfile,
} from '@/api/admin'
import { useTrouble } from '@/app/useTrouble'
import { refusal } from '@/lib/refusal'
import { fullTime, shortTime } from '@/lib/time'
import { useOnce } from '@/lib/useOnce'
import { useServerConfig } from '@/settings/useServerConfig'
import { useStore } from '@/state/store'
import { Avatar } from '@/ui/Avatar'
import { Button } from '@/ui/Button'
import { Card, Facts, PageColumn } from '@/ui/Card'
import { ConfirmDialog } from '@/ui/ConfirmDialog'
import { CopyButton } from '@/ui/CopyButton'
import { Dialog } from '@/ui/Dialog'
import { Spinner } from '@/ui/Spinner'
import { TextField } from '@/ui/TextField'
import { toast, toastError } from '@/ui/toast'
import { BackLink } from './BackLink'
import { Erased, ErasePerson } from './ErasePerson'
import { PersonChooser } from './PersonChooser'
import { PersonFields, type Fields } from './PersonFields'
import { Problem } from './Problem'
import { Tag } from './Tag'

/** While the server erases a person, the page asks how far it is. */
const erasing = ({ state }: { state: { data: StaffProfile | undefined } }): number | false =>
  state.data?.erasure && !state.data.erasure.endedAt ? 2000 : false

/** The page of a person: the profile, the ways to sign in, the groups and the devices. */
export default function PersonPage({ id }: { id: string }) {
  const { t } = useTranslation(['admin', 'ui'])
  const query = useQuery({ queryKey: ['admin', 'person', id], queryFn: ({ signal }) => getStaff(id, signal), staleTime: 0, refetchInterval: erasing })
  const renew = useRenew()
  const me = useStore((s) => s.me)
  const trouble = useTrouble(query)
  const person = query.data
  return (
    <PageColumn label={person?.name}>
      <BackLink to="/admin/people" text={t('people.all')} />
      {trouble && <Problem trouble={trouble} />}
      {query.isPending && !trouble && <Spinner label={t('ui:loading')} className="mx-auto size-5" />}
      {person && (
        <>
          <Head person={person} />
          {person.erasure ? (
            <Erased erasure={person.erasure} />
          ) : (
            <>
              {/* Begins anew with what the server has stored. */}
              <Profile key={JSON.stringify(fieldsOf(person))} person={person} />
              <Access person={person} />
            </>
          )}
          <Groups person={person} />
          {!person.erasure && <Devices person={person} />}
          {!person.erasure && me?.role === 'owner' && me.id !== person.accountId && <ErasePerson person={person} onErased={renew} />}
        </>
      )}
    </PageColumn>
  )
}

function Head({ person: p }: { person: StaffProfile }) {
  const { t, i18n } = useTranslation('admin')
  return (
    <Card className="flex flex-col gap-4">
      <div className="flex items-center gap-4">
        <Avatar name={p.name} src={p.avatar} seed={p.accountId} size="large" />
        <div className="min-w-0">
          <h2 dir="auto" className="text-lg font-semibold break-words">
            {p.name}
          </h2>
          <p className="mt-1 flex flex-wrap gap-1">
            {p.role && <Tag tone={p.role === 'owner' || p.role === 'administrator' ? 'accent' : 'plain'}>{t(`roles.${p.role}`)}</Tag>}
            {!p.active && <Tag tone="danger">{t('inactive')}</Tag>}
          </p>
        </div>
      </div>
      <Facts
        facts={[
          [t('person.id'), p.accountId],
          [t('person.created'), fullTime(p.createdAt, i18n.language)],
          [t('person.seen'), p.lastSeenAt ? fullTime(p.lastSeenAt, i18n.language) : t('neverSeen')],
          [t('person.organizations'), p.organizations.map((o) => o.name).join(', ')],
        ]}
      />
      <p className="flex flex-wrap gap-x-4 gap-y-1 text-sm">
        <LogLink query={{ actor: p.accountId, actorName: p.name }}>{t('person.didInLog')}</LogLink>
        <LogLink query={{ target: p.accountId, targetName: p.name }}>{t('person.aboutInLog')}</LogLink>
      </p>
    </Card>
  )
}

function LogLink({ query, children }: { query: Record<string, string>; children: ReactNode }) {
  return (
    <Link href={`/admin/audit?${new URLSearchParams(query)}`} className="text-accent underline-offset-4 hover:underline">
      {children}
    </Link>
  )
}

const fieldsOf = (p: StaffProfile): Fields => ({
  name: p.name,
  email: p.email,
  title: p.title,
  department: p.department,
  phone: p.phone,
  role: p.role ?? '',
  language: p.language,
  timeZone: p.timeZone,
})

/** Reads everything of the administration again after a change. */
function useRenew(): () => Promise<void> {
  const client = useQueryClient()
  return () => client.invalidateQueries({ queryKey: ['admin'] })
}

function Profile({ person }: { person: StaffProfile }) {
  const { t } = useTranslation('admin')
  const renew = useRenew()
  const own = useStore((s) => s.me?.id === person.accountId)
  const before = fieldsOf(person)
  const [fields, setFields] = useState(before)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState('')
  const changed = (Object.keys(before) as (keyof Fields)[]).filter((name) => fields[name].trim() !== before[name])
  const submit = async (e: SubmitEvent): Promise<void> => {
    e.preventDefault()
    if (!fields.name.trim()) return setProblem(t('nameMissing'))
    setBusy(true)
    setProblem('')
    try {
      await changePerson(person.accountId, Object.fromEntries(changed.map((name) => [name, fields[name].trim()])) as AdminPersonPatch)
      toast(t('saved'), 'success')
      await renew()
    } catch (error) {
      setProblem(refusal(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Card title={t('person.profile')}>
      <form noValidate onSubmit={(e) => void submit(e)} className="flex flex-col gap-4">
        <PersonFields fields={fields} onChange={setFields} fixedRole={own} />
        {problem && (
          <p role="alert" className="text-sm text-danger">
            {problem}
          </p>
        )}
        <Button type="submit" kind="primary" busy={busy} disabled={changed.length === 0} className="self-start">
          {t('save')}
        </Button>
      </form>
    </Card>
  )
}

type Asking = 'signOut' | 'revoke' | 'deactivate' | 'reactivate' | 'link' | 'password' | 'twoFactor' | null

function Access({ person: p }: { person: StaffProfile }) {
  const { t, i18n } = useTranslation('admin')
  const renew = useRenew()
  const own = useStore((s) => s.me?.id === p.accountId)
  const passwords = useServerConfig()?.signIn.password ?? false
  const [asking, setAsking] = useState<Asking>(null)
  // The names of the first ones are enough: the page below has them all.
  const owned = p.groups.filter((g) => g.ownerId === p.accountId)
  const names = new Intl.ListFormat(i18n.language, { type: 'unit' }).format(owned.slice(0, 5).map((g) => `\u2068${g.name || t('unnamedGroup')}\u2069`))
  const close = (open: boolean): void => {
    if (!open) setAsking(null)
  }
  const confirm = (what: 'signOut' | 'revoke' | 'deactivate' | 'reactivate' | 'twoFactor', danger: boolean, act: () => Promise<unknown>, also = '') => (
    <ConfirmDialog
      open={asking === what}
      onOpenChange={close}
      title={t(`person.${what}Title`, { name: p.name })}
      text={`${t(`person.${what}Text`)}${also}`}
      confirm={t(`person.${what}`)}
      danger={danger}
      onConfirm={async () => {
        await act()
        toast(t(`person.${what}Done`, { name: p.name }), 'success')
        await renew()
      }}
    />
  )
  return (
    <Card title={t('person.access')} hint={`${t(p.password ? 'person.hasPassword' : 'person.hasNoPassword')}${p.twoFactor ? ` ${t('person.hasTwoFactor')}` : ''}`}>
      <div className="flex flex-wrap gap-2">
        {p.active && !own && <Button onClick={() => setAsking('link')}>{t('person.link')}</Button>}
        {p.active && !own && passwords && <Button onClick={() => setAsking('password')}>{t('person.password')}</Button>}
        {p.twoFactor && !own && <Button onClick={() => setAsking('twoFactor')}>{t('person.twoFactor')}</Button>}
        <Button onClick={() => setAsking('signOut')}>{t('person.signOut')}</Button>
        {!own && <Button onClick={() => setAsking('revoke')}>{t('person.revoke')}</Button>}
        {p.active && !own && (
          <Button warns onClick={() => setAsking('deactivate')}>
            {t('person.deactivate')}
          </Button>
        )}
        {!p.active && <Button onClick={() => setAsking('reactivate')}>{t('person.reactivate')}</Button>}
      </div>
      {/* There the server asks for a proof, so that a stolen session makes no lasting way in. */}
      {own && (
        <p className="mt-3 text-sm">
          <Link href="/settings" className="text-accent underline-offset-4 hover:underline">
            {t('person.own')}
          </Link>
        </p>
      )}
      {confirm('twoFactor', true, () => resetTwoFactor(p.accountId))}
      {confirm('signOut', true, () => signOutEverywhere(p.accountId))}
      {confirm('revoke', true, () => signOutEverywhere(p.accountId, true))}
      {confirm('deactivate', true, () => changePerson(p.accountId, { active: false }), owned.length > 0 ? ` ${t('person.ownsGroups', { count: owned.length, groups: names })}` : '')}
      {confirm('reactivate', false, () => changePerson(p.accountId, { active: true }))}
      <LinkDialog person={p} open={asking === 'link'} onOpenChange={close} />
      <PasswordDialog person={p} open={asking === 'password'} onOpenChange={close} />
    </Card>
  )
}

interface DialogProps {
  person: StaffProfile
  open: boolean
  onOpenChange: (open: boolean) => void
}

/** Choices for the lifetime of a sign-in link, in seconds. */
const linkTTL = 86_400

function LinkDialog({ person, open, onOpenChange }: DialogProps) {
  const { t, i18n } = useTranslation('admin')
  const once = useOnce()
  const [made, setMade] = useState<AdminSignInLink | null>(null)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState('')
  const change = (next: boolean): void => {
    setMade(null)
    setProblem('')
    onOpenChange(next)
  }
  const make = async (): Promise<void> => {
    setBusy(true)
    setProblem('')
    try {
      setMade(await once(person.accountId, (key) => createSignInLink(person.accountId, linkTTL, key)))
    } catch (error) {
      setProblem(refusal(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Dialog open={open} onOpenChange={change} title={t('person.linkTitle', { name: person.name })} description={t('person.linkText')}>
      <div className="flex flex-col items-start gap-3 pb-4">
        {made ? (
          <div role="status" className="flex w-full flex-col items-start gap-3">
            <p className="w-full rounded-lg border border-line bg-sunken p-3 text-sm break-all select-text">{made.link}</p>
            <p className="text-sm text-muted">{t('person.linkOnce', { date: fullTime(made.expiresAt, i18n.language) })}</p>
            <CopyButton text={made.link} label={t('copy')} copied={t('copied')} />
          </div>
        ) : (
          <Button kind="primary" busy={busy} onClick={() => void make()}>
            {t('person.linkMake')}
          </Button>
        )}
        {problem && (
          <p role="alert" className="text-sm text-danger">
            {problem}
          </p>
        )}
      </div>
    </Dialog>
  )
}

function PasswordDialog({ person, open, onOpenChange }: DialogProps) {
  const { t } = useTranslation('admin')
  const renew = useRenew()
  const shortest = useServerConfig()?.limits.password ?? 1
  const [password, setValue] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState('')
  const change = (next: boolean): void => {
    setValue('')
    setProblem('')
    onOpenChange(next)
  }
  const submit = async (e: SubmitEvent): Promise<void> => {
    e.preventDefault()
    if (Array.from(password).length < shortest) return setProblem(t('person.passwordTooShort', { count: shortest }))
    setBusy(true)
    setProblem('')
    try {
      await setPassword(person.accountId, password)
      change(false)
      toast(t('person.passwordDone', { name: person.name }), 'success')
      await renew()
    } catch (error) {
      setProblem(refusal(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Dialog open={open} onOpenChange={change} title={t('person.passwordTitle', { name: person.name })} description={t('person.passwordText')}>
      <form noValidate onSubmit={(e) => void submit(e)} className="flex flex-col gap-4 pb-4">
        <TextField type="password" label={t('person.newPassword')} autoComplete="new-password" value={password} onValueChange={setValue} error={problem} />
        <Button type="submit" kind="primary" busy={busy} className="self-end">
          {t('person.password')}
        </Button>
      </form>
    </Dialog>
  )
}

function Groups({ person: p }: { person: StaffProfile }) {
  const { t } = useTranslation('admin')
  const renew = useRenew()
  const once = useOnce()
  const [handing, setHanding] = useState(false)
  const owned = p.groups.filter((g) => g.ownerId === p.accountId)
  return (
    <Card title={t('person.groups')}>
      {p.groups.length === 0 && <p className="text-sm text-muted">{t('person.noGroups')}</p>}
      <ul className="divide-y divide-line">
        {p.groups.map((g) => (
          <li key={g.groupId} className="flex items-center gap-3 py-2 first:pt-0">
            <Avatar name={g.name} src={g.avatar} seed={g.groupId} group size="small" />
            <Link href={`/admin/groups/${encodeURIComponent(g.groupId)}`} dir="auto" className="min-w-0 flex-1 truncate underline-offset-4 hover:underline">
              {g.name || t('unnamedGroup')}
            </Link>
            <span className="shrink-0 text-sm text-muted">{t('membersOf', { count: g.members })}</span>
            {g.ownerId === p.accountId && <Tag tone="accent">{t('creator')}</Tag>}
          </li>
        ))}
      </ul>
      {owned.length > 0 && (
        <Button className="mt-3" onClick={() => setHanding(true)}>
          {t('person.handOver', { count: owned.length })}
        </Button>
      )}
      <PersonChooser
        open={handing}
        onOpenChange={setHanding}
        title={t('person.handOverTitle', { name: p.name })}
        description={t('person.handOverText')}
        action={t('person.handOver', { count: owned.length })}
        except={p.accountId}
        onChosen={async (to) => {
          const groups = await once([p.accountId, to.accountId], (key) => handOverGroups(p.accountId, to.accountId, key))
          toast(t('person.handOverDone', { name: to.name, count: groups.length }), 'success')
          await renew()
        }}
      />
    </Card>
  )
}

function Devices({ person: p }: { person: StaffProfile }) {
  const { t } = useTranslation('admin')
  return (
    <Card title={t('person.devices')}>
      {p.sessions.length === 0 && <p className="text-sm text-muted">{t('person.noDevices')}</p>}
      <ul className="divide-y divide-line">
        {p.sessions.map((s) => (
          <Device key={s.sessionId} session={s} />
        ))}
      </ul>
    </Card>
  )
}

function Device({ session: s }: { session: AdminSession }) {
  const { t, i18n } = useTranslation('admin')
  const renew = useRenew()
  const own = useStore((state) => state.me?.sessionId === s.sessionId)
  const [busy, setBusy] = useState(false)
  const end = async (): Promise<void> => {
    setBusy(true)
    try {
      await endStaffSession(s.sessionId)
      await renew()
    } catch (error) {
      toastError(error)
    } finally {
      setBusy(false)
    }
  }
  const name = s.device || s.app || t('unknownDevice')
  return (
    <li className="flex items-center gap-3 py-2 first:pt-0">
      <span className="min-w-0 flex-1">
        <span dir="auto" className="block truncate">
          {name}
        </span>
        <span className="block truncate text-sm text-muted" title={fullTime(s.createdAt, i18n.language)}>
          {s.lastSeenAt ? t('seen', { time: shortTime(s.lastSeenAt, i18n.language) }) : t('neverSeen')}
        </span>
      </span>
      {!own && (
        <Button size="small" busy={busy} aria-label={t('endOne', { device: name })} onClick={() => void end()}>
          {t('end')}
        </Button>
      )}
    </li>
  )
}
