import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState, type SubmitEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { changeSettings, getSettings, type AdminSetting, type AdminSettings } from '@/api/admin'
import { refreshConfig } from '@/api/config'
import { ApiError } from '@/api/http'
import { useTrouble } from '@/app/useTrouble'
import { refusal } from '@/lib/refusal'
import { zoneOptions } from '@/lib/zones'
import { useServerConfig } from '@/settings/useServerConfig'
import { useStore } from '@/state/store'
import { Button } from '@/ui/Button'
import { Card, PageColumn } from '@/ui/Card'
import { NativeSelect } from '@/ui/NativeSelect'
import { Spinner } from '@/ui/Spinner'
import { Switch } from '@/ui/Switch'
import { TextField } from '@/ui/TextField'
import { toast } from '@/ui/toast'
import { Checks } from './Checks'
import { OrganizationShown } from './OrganizationShown'
import { Problem } from './Problem'
import { groupNames, groups, keyOf, known } from './settingGroups'
import { reasonText } from './settingReasons'

/** Settings that can be changed while the server runs, and the options of the configuration to read. */
export default function ServerSettingsSection() {
  const { t } = useTranslation(['admin', 'ui'])
  const query = useQuery({ queryKey: ['admin', 'settings'], queryFn: ({ signal }) => getSettings(signal), staleTime: 0, refetchOnWindowFocus: false })
  const trouble = useTrouble(query)
  return (
    <PageColumn>
      {trouble && <Problem trouble={trouble} />}
      {query.isPending && !trouble && <Spinner label={t('ui:loading')} className="mx-auto size-5" />}
      {query.data && <Form settings={query.data} />}
      {query.data && <OrganizationShown what="reading" />}
      {query.data && <OrganizationShown what="activity" />}
    </PageColumn>
  )
}

function Form({ settings }: { settings: AdminSettings }) {
  const { t } = useTranslation('admin')
  const client = useQueryClient()
  const [changes, setChanges] = useState<Record<string, string>>({})
  const [errors, setErrors] = useState<Record<string, string>>({})
  const [problem, setProblem] = useState('')
  const [busy, setBusy] = useState(false)
  const live = new Map(settings.items.filter((s) => s.live).map((s) => [s.name, s]))
  const others = [...live.values()].filter((s) => !known.has(s.name))
  const changed = Object.entries(changes).filter(([name, value]) => live.get(name)?.value !== value)

  const submit = async (e: SubmitEvent): Promise<void> => {
    e.preventDefault()
    setBusy(true)
    setProblem('')
    setErrors({})
    try {
      const next = await changeSettings({ version: settings.version, values: changed.map(([name, value]) => ({ name, value })) })
      client.setQueryData(['admin', 'settings'], next)
      setChanges({})
      await refreshConfig(client)
      toast(t('saved'))
    } catch (error) {
      if (error instanceof ApiError && error.status === 409) {
        await client.invalidateQueries({ queryKey: ['admin', 'settings'] })
        return setProblem(t('options.changedMeanwhile'))
      }
      const fields = error instanceof ApiError ? error.fields : {}
      const wrong = changed.flatMap(([name], i) => {
        const field = fields[`values[${i}].value`]
        return field ? [[name, reasonText(t, live.get(name)?.type ?? 'text', field)] as const] : []
      })
      setErrors(Object.fromEntries(wrong))
      setProblem(wrong.length > 0 ? t('options.invalid', { count: wrong.length }) : refusal(error))
    } finally {
      setBusy(false)
    }
  }
  const mail = settings.items.some((s) => s.name === 'mail.smtp' && s.value !== '')
  const field = (setting: AdminSetting) => (
    <Field
      key={setting.name}
      setting={setting}
      mail={mail}
      value={changes[setting.name] ?? setting.value}
      error={errors[setting.name]}
      onChange={(value) => setChanges((now) => ({ ...now, [setting.name]: value }))}
    />
  )
  return (
    <form noValidate onSubmit={(e) => void submit(e)} className="flex flex-col gap-4">
      <p className="text-sm text-muted">{t('options.about')}</p>
      {groupNames.map((group) => (
        <Card key={group} title={t(`options.groups.${group}`)} className="flex flex-col gap-5">
          {groups[group].map((name) => {
            const setting = live.get(name)
            return setting && field(setting)
          })}
        </Card>
      ))}
      {others.length > 0 && <Card title={t('options.groups.others')}>{others.map(field)}</Card>}
      <div className="sticky bottom-0 flex flex-wrap items-center justify-end gap-3 border-t border-line bg-sunken py-3">
        <p role="alert" className="min-w-0 flex-1 text-sm text-danger">
          {problem}
        </p>
        {changed.length > 0 && (
          <Button
            onClick={() => {
              setChanges({})
              setErrors({})
              setProblem('')
            }}
          >
            {t('options.discard')}
          </Button>
        )}
        <Button type="submit" kind="primary" busy={busy} disabled={changed.length === 0}>
          {t('save')}
        </Button>
      </div>
      <Configured items={settings.items.filter((s) => !s.live)} />
    </form>
  )
}

interface FieldProps {
  setting: AdminSetting
  /** The server can send mail. */
  mail: boolean
  value: string
  error: string | undefined
  onChange: (value: string) => void
}

function Field({ setting: s, mail, value, error, onChange }: FieldProps) {
  const { t } = useTranslation('admin')
  const providers = useServerConfig()?.signIn.oidc ?? []
  const label = known.has(s.name) ? t(`options.names.${keyOf(s.name)}`) : s.name
  const meaning = known.has(s.name) ? t(`options.hints.${keyOf(s.name)}`) : s.help
  const about = s.owners ? `${meaning} ${t('options.ownersOnly')}` : meaning
  const choice = (c: string): string => (s.name === 'language' ? t(`options.languages.${c}`) : s.name === 'auth.two-factor' ? t(`options.twoFactor.${c}`) : c)
  const own = useStore((state) => state.me?.role === 'owner')
  if (s.fixed || (s.owners && !own)) {
    return (
      <div>
        <p className="text-sm font-medium">{label}</p>
        <p className="break-words select-text">{(s.type === 'choice' ? choice(s.value) : s.value) || t('options.empty')}</p>
        <p className="text-sm text-muted">{s.fixed ? t(`options.fixedBy.${s.source}`) : t('options.ownersOnly')}</p>
      </div>
    )
  }
  const hint = `${about} ${t('options.default', { value: (s.type === 'choice' ? choice(s.default) : s.default) || t('options.empty') })}`
  switch (s.type) {
    case 'switch':
      return (
        <div>
          <Switch label={label} hint={hint} checked={value === 'true'} onCheckedChange={(on) => onChange(String(on))} />
          {error && <p className="text-sm text-danger">{error}</p>}
        </div>
      )
    case 'choice':
      return <NativeSelect label={label} hint={error ?? hint} value={value} options={(s.choices ?? []).map((c) => ({ value: c, label: choice(c) }))} onValueChange={onChange} />
    case 'list': {
      const hidden = new Set(value.split(','))
      const ways: { value: string; label: string; about?: string; disabled?: boolean }[] = (s.choices ?? []).map((way) => ({
        value: way,
        label: way === 'code' || way === 'mail' ? t(`options.ways.${way}`) : (providers.find((p) => p.id === way)?.name ?? way),
        ...(way === 'mail' && !mail && { disabled: true, about: t('options.noMail') }),
      }))
      const offered = ways.filter((w) => !w.disabled && !hidden.has(w.value)).map((w) => w.value)
      return (
        <div>
          {/* The option lists what is hidden; the boxes show what is offered. */}
          <Checks
            legend={label}
            hint={about}
            options={ways}
            chosen={offered}
            onChange={(shown) => onChange(ways.filter((w) => (w.disabled ? hidden.has(w.value) : !shown.includes(w.value))).map((w) => w.value).join(','))}
          />
          {error && <p className="text-sm text-danger">{error}</p>}
        </div>
      )
    }
    default:
      if (s.name === 'time-zone') return <NativeSelect label={label} hint={error ?? about} value={value} options={[...(value === 'Local' || s.default === 'Local' ? [{ value: 'Local', label: t('options.local') }] : []), ...zoneOptions(value === 'Local' ? '' : value)]} onValueChange={onChange} />
      return <TextField label={label} hint={hint} value={value} onValueChange={onChange} {...(error && { error })} autoComplete="off" />
  }
}

/** Options that need a restart, with what sets them. */
function Configured({ items }: { items: AdminSetting[] }) {
  const { t } = useTranslation('admin')
  return (
    <details className="rounded-xl border border-line bg-ground">
      <summary className="cursor-pointer px-4 py-3 font-semibold sm:px-5">{t('options.configured')}</summary>
      <p className="px-4 pb-3 text-sm text-muted sm:px-5">{t('options.configuredAbout')}</p>
      <dl className="divide-y divide-line px-4 pb-4 text-sm sm:px-5">
        {items.map((s) => (
          <div key={s.name} className="flex flex-wrap gap-x-4 py-2">
            <dt className="w-full shrink-0 break-words text-muted sm:w-56">{s.name}</dt>
            <dd className="min-w-0 flex-1 break-words select-text">
              {s.secret ? t(s.source === 'default' ? 'options.notSet' : 'options.secret') : s.value || t('options.empty')}
              {s.source !== 'default' && <span className="block text-muted">{t(`options.fixedBy.${s.source}`)}</span>}
            </dd>
          </div>
        ))}
      </dl>
    </details>
  )
}
