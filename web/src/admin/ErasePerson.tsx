import { useState, type SubmitEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { erasePerson, type Erasure, type StaffProfile } from '@/api/admin'
import { refusal } from '@/lib/refusal'
import { fullTime } from '@/lib/time'
import { useOnce } from '@/lib/useOnce'
import { Button } from '@/ui/Button'
import { Card } from '@/ui/Card'
import { Dialog } from '@/ui/Dialog'
import { TextField } from '@/ui/TextField'
import { toast } from '@/ui/toast'

const goes = ['profile', 'signIn', 'messages', 'name'] as const
const stays = ['places', 'texts', 'groups', 'log', 'backups'] as const

/** Leads to the erasure of a person. */
export function ErasePerson({ person, onErased }: { person: StaffProfile; onErased: () => Promise<void> }) {
  const { t } = useTranslation('admin')
  const [open, setOpen] = useState(false)
  return (
    <Card title={t('erase.card')} hint={t('erase.hint')}>
      <Button warns onClick={() => setOpen(true)}>
        {t('erase.open')}
      </Button>
      <EraseDialog person={person} open={open} onOpenChange={setOpen} onErased={onErased} />
    </Card>
  )
}

/** Says how far an erasure is. */
export function Erased({ erasure: e }: { erasure: Erasure }) {
  const { t, i18n } = useTranslation('admin')
  return (
    <Card title={t('erase.erased')}>
      <p role="status" className="text-sm">
        {e.endedAt
          ? t('erase.ended', { date: fullTime(e.endedAt, i18n.language), count: e.messages })
          : t('erase.running', { date: fullTime(e.startedAt, i18n.language), done: e.removed, count: e.messages })}
      </p>
    </Card>
  )
}

interface Props {
  person: StaffProfile
  open: boolean
  onOpenChange: (open: boolean) => void
  onErased: () => Promise<void>
}

function EraseDialog({ person: p, open, onOpenChange, onErased }: Props) {
  const { t } = useTranslation('admin')
  const once = useOnce()
  const [typed, setTyped] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState('')
  const change = (next: boolean): void => {
    setTyped('')
    setProblem('')
    onOpenChange(next)
  }
  const submit = async (e: SubmitEvent): Promise<void> => {
    e.preventDefault()
    const name = typed.trim()
    if (name !== p.name) return setProblem(t('erase.otherName'))
    setBusy(true)
    setProblem('')
    try {
      await once([p.accountId, name], (key) => erasePerson(p.accountId, name, key))
      change(false)
      toast(t('erase.done'), 'success')
      await onErased()
    } catch (error) {
      setProblem(refusal(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Dialog open={open} onOpenChange={change} title={t('erase.title', { name: p.name })} description={t('erase.text')}>
      <form noValidate onSubmit={(e) => void submit(e)} className="flex flex-col gap-4 pb-4">
        <Points title={t('erase.goesTitle')} points={goes.map((what) => t(`erase.goes.${what}`))} />
        <Points title={t('erase.staysTitle')} points={stays.map((what) => t(`erase.stays.${what}`))} />
        <TextField label={t('erase.confirm', { name: p.name })} autoComplete="off" value={typed} onValueChange={setTyped} error={problem} dir="auto" />
        <Button type="submit" kind="danger" busy={busy} className="self-end">
          {t('erase.act')}
        </Button>
      </form>
    </Dialog>
  )
}

function Points({ title, points }: { title: string; points: string[] }) {
  return (
    <section>
      <h3 className="text-sm font-medium">{title}</h3>
      <ul className="mt-1 list-disc ps-5 text-sm text-muted">
        {points.map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
    </section>
  )
}
