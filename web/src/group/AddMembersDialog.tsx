import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { addMembers } from '@/api/group'
import { refusal } from '@/lib/refusal'
import { PeoplePicker } from '@/people/PeoplePicker'
import type { Group, Person } from '@/state/model'
import { Button } from '@/ui/Button'
import { Dialog } from '@/ui/Dialog'
import { useMembers, useMembersChanged } from './queries'

const nobody: Person[] = []

/** Brings people into a group. Those of its members who are loaded are shown as such; to add one again does nothing. */
export function AddMembersDialog({ group, open, onOpenChange }: { group: Group; open: boolean; onOpenChange: (open: boolean) => void }) {
  const { t } = useTranslation('group')
  const changed = useMembersChanged(group.id)
  const members = useMembers(group.id, '')
  const inside = useMemo(() => new Set(members.data?.pages.flatMap((p) => p.items.map((m) => m.person.id))), [members.data])
  const [chosen, setChosen] = useState(nobody)
  const [error, setError] = useState('')
  const [busy, setBusy] = useState(false)

  const close = (next: boolean) => {
    onOpenChange(next)
    setChosen(nobody)
    setError('')
  }
  const add = async () => {
    setBusy(true)
    setError('')
    try {
      await addMembers(
        group.id,
        chosen.map((p) => p.id),
      )
      await changed()
      close(false)
    } catch (e) {
      setError(refusal(e))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Dialog
      open={open}
      onOpenChange={close}
      title={t('addMembers')}
      footer={
        <>
          <Button onClick={() => close(false)}>{t('cancel')}</Button>
          <Button kind="primary" busy={busy} disabled={chosen.length === 0} onClick={() => void add()}>
            {t('add', { count: chosen.length })}
          </Button>
        </>
      }
    >
      <PeoplePicker
        label={t('chooseMembers')}
        chosen={chosen}
        fixed={inside}
        onPick={(p) => setChosen([...chosen, p])}
        onUnpick={(p) => setChosen(chosen.filter((c) => c.id !== p.id))}
      />
      {error && (
        <p role="alert" className="pt-2 text-danger">
          {error}
        </p>
      )}
    </Dialog>
  )
}
