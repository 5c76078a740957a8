import { useState, type SubmitEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { changeMe } from '@/api/me'
import { languageNames, languages } from '@/i18n'
import { refusal, tooLarge } from '@/lib/refusal'
import { zoneOptions } from '@/lib/zones'
import type { Me } from '@/state/model'
import { actions, useStore } from '@/state/store'
import { Avatar } from '@/ui/Avatar'
import { Button } from '@/ui/Button'
import { Card, Facts } from '@/ui/Card'
import { NativeSelect } from '@/ui/NativeSelect'
import { PictureButton } from '@/ui/PictureButton'
import { Switch } from '@/ui/Switch'
import { TextField } from '@/ui/TextField'
import { toast, toastError } from '@/ui/toast'
import type { MePatch } from '@/wire/api.gen'
import { EmailChange } from './EmailChange'
import { useServerConfig } from './useServerConfig'

/** How one appears to others. */
export default function ProfileSection() {
  const { t } = useTranslation('settings')
  const me = useStore((s) => s.me)
  if (!me) return null
  return (
    <>
      <Card className="flex flex-wrap items-center gap-x-6 gap-y-4">
        <Picture me={me} />
        <Name key={me.name} me={me} />
      </Card>
      <Card title={t('mails')} hint={t('mailsHint')} className="grid gap-4 sm:grid-cols-2">
        <Locale me={me} />
      </Card>
      <Card className="divide-y divide-line py-2 sm:py-2">
        <ReadMarks me={me} />
        <Activity me={me} />
      </Card>
      <Card>
        <Account me={me} />
      </Card>
    </>
  )
}

async function change(patch: Parameters<typeof changeMe>[0]): Promise<void> {
  const me = await changeMe(patch)
  useStore.setState({ me })
}

function Picture({ me }: { me: Me }) {
  const { t } = useTranslation('settings')
  const limit = useServerConfig()?.limits.image
  const [busy, setBusy] = useState(false)
  const set = async (key: () => Promise<string> | string): Promise<void> => {
    setBusy(true)
    try {
      await change({ avatarKey: await key() })
    } catch (e) {
      toastError(e)
    } finally {
      setBusy(false)
    }
  }
  const chosen = (file: File): void => {
    if (limit && file.size > limit) toast(tooLarge(file.size, limit), 'error')
    else void set(() => actions().uploadPicture(file))
  }
  return (
    <PictureButton
      label={t('picture')}
      choose={t('choosePicture')}
      remove={me.avatar ? t('removePicture') : undefined}
      busy={busy}
      onChosen={chosen}
      onRemoved={() => void set(() => '')}
    >
      <Avatar name={me.name} src={me.avatar} seed={me.id} size="large" />
    </PictureButton>
  )
}

function Name({ me }: { me: Me }) {
  const { t } = useTranslation('settings')
  const limit = useServerConfig()?.limits.name
  const [name, setName] = useState(me.name)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState('')
  const save = async (e: SubmitEvent): Promise<void> => {
    e.preventDefault()
    if (!name.trim()) return setError(t('nameMissing'))
    setBusy(true)
    setError('')
    try {
      await change({ name: name.trim() })
      toast(t('saved'), 'success')
    } catch (problem) {
      setError(refusal(problem))
    } finally {
      setBusy(false)
    }
  }
  return (
    <form noValidate onSubmit={(e) => void save(e)} className="flex min-w-60 flex-1 items-start gap-2">
      <TextField label={t('name')} autoComplete="name" maxLength={limit} value={name} onValueChange={setName} error={error} className="min-w-0 flex-1" />
      <Button type="submit" kind="primary" busy={busy} disabled={name.trim() === me.name} className="mt-6">
        {t('save')}
      </Button>
    </form>
  )
}

/** Language and time zone of what the server sends by mail. */
function Locale({ me }: { me: Me }) {
  const { t } = useTranslation('settings')
  const [waiting, setWaiting] = useState<Pick<MePatch, 'language' | 'timeZone'>>({})
  const set = async (patch: typeof waiting): Promise<void> => {
    setWaiting(patch)
    try {
      await change(patch)
      toast(t('saved'), 'success')
    } catch (error) {
      toastError(error)
    } finally {
      setWaiting({})
    }
  }
  const asServer = { value: '', label: t('asServer') } as const
  return (
    <>
      <NativeSelect
        label={t('language')}
        value={waiting.language ?? me.language ?? ''}
        options={[asServer, ...languages.map((value) => ({ value, label: languageNames[value] }))]}
        onValueChange={(language) => void set({ language })}
      />
      <NativeSelect
        label={t('ownTimeZone')}
        value={waiting.timeZone ?? me.timeZone ?? ''}
        options={[asServer, ...zoneOptions(me.timeZone ?? '')]}
        onValueChange={(timeZone) => void set({ timeZone })}
      />
    </>
  )
}

/** Whether others are told what one has read. */
function ReadMarks({ me }: { me: Me }) {
  return <Shown texts="readMarks" hides={me.hidesReading} effective={me.readMarks} hide={(hidesReading) => change({ hidesReading })} />
}

/** Whether others are told what one does at this moment. */
function Activity({ me }: { me: Me }) {
  return <Shown texts="activity" hides={me.hidesActivity} effective={me.activity} hide={(hidesActivity) => change({ hidesActivity })} />
}

/** Something that others see, if the person, the organization and the server want it. */
function Shown({ texts, hides, effective, hide }: { texts: 'readMarks' | 'activity'; hides: boolean | undefined; effective: boolean | undefined; hide: (hides: boolean) => Promise<void> }) {
  const { t } = useTranslation('settings')
  const [waiting, setWaiting] = useState<boolean>()
  const set = async (shown: boolean): Promise<void> => {
    setWaiting(shown)
    try {
      await hide(!shown)
    } catch (error) {
      toastError(error)
    } finally {
      setWaiting(undefined)
    }
  }
  // Off though the person wants it: the organization or the server has it off.
  const off = effective === false && hides === false
  return (
    <Switch
      label={t(texts)}
      hint={t(off ? `${texts}Off` : `${texts}Hint`)}
      checked={waiting ?? (!hides && !off)}
      disabled={off || waiting !== undefined || hides === undefined}
      onCheckedChange={(shown) => void set(shown)}
    />
  )
}

function Account({ me }: { me: Me }) {
  const { t } = useTranslation('settings')
  const offered = (useServerConfig()?.emailChange ?? false) && me.hasPassword
  return (
    <Facts
      facts={[
        [t('email'), offered ? <EmailChange key={me.email} me={me} /> : me.email],
        [t('organizations', { count: me.organizations.length }), me.organizations.map((o) => o.name).join(', ')],
        [t('accountId'), me.id],
      ]}
    />
  )
}
