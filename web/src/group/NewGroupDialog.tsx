import { useQueryClient } from '@tanstack/react-query'
import { useId, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { createGroup } from '@/api/group'
import { useLimits } from '@/conversation/useConversation'
import { refusal } from '@/lib/refusal'
import { waitingId } from '@/lib/waiting-id'
import { PeoplePicker } from '@/people/PeoplePicker'
import { useOpenChat } from '@/people/useOpenChat'
import type { Person } from '@/state/model'
import { Button } from '@/ui/Button'
import { Dialog } from '@/ui/Dialog'
import { Switch } from '@/ui/Switch'
import { TextField } from '@/ui/TextField'
import { showGroup } from './queries'

interface Props {
  open: boolean
  onOpenChange: (open: boolean) => void
  /** Who is in it from the start: the people of the chat that it grows out of. */
  members?: Person[]
}

const nobody: Person[] = []

/** Makes a group, or, out of a chat with one person, a discussion with more. */
export default function NewGroupDialog({ open, onOpenChange, members = nobody }: Props) {
  const { t } = useTranslation('group')
  const form = useId()
  const show = useOpenChat()
  const limit = useLimits()?.name
  const client = useQueryClient()
  const [chosen, setChosen] = useState(members)
  const [name, setName] = useState('')
  const [lasting, setLasting] = useState(false)
  const [error, setError] = useState('')
  const [busy, setBusy] = useState(false)
  // The group that was asked for without an answer: asked for again, it is not made twice.
  const asked = useRef({ body: '', key: '' })

  const close = (next: boolean) => {
    onOpenChange(next)
    if (next) return
    asked.current = { body: '', key: '' }
    setChosen(members)
    setName('')
    setError('')
  }
  const create = async () => {
    setBusy(true)
    setError('')
    try {
      const wanted = { name: name.trim() || undefined, members: chosen.map((p) => p.id), isPost: lasting }
      const body = JSON.stringify(wanted)
      if (asked.current.body !== body) asked.current = { body, key: waitingId() }
      const group = await createGroup(wanted, asked.current.key)
      showGroup(group)
      void client.invalidateQueries({ queryKey: ['groups'] })
      close(false)
      show(2, group)
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
      title={t('newGroup')}
      footer={
        <>
          <Button onClick={() => close(false)}>{t('cancel')}</Button>
          <Button kind="primary" type="submit" form={form} busy={busy} disabled={chosen.length === 0 || (lasting && !name.trim())}>
            {chosen.length > 0 ? t('create', { count: chosen.length + 1 }) : t('createNone')}
          </Button>
        </>
      }
    >
      <form
        id={form}
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault()
          void create()
        }}
      >
        <TextField label={t('name')} placeholder={t('nameFromMembers')} required={lasting} maxLength={limit} value={name} onValueChange={setName} />
        <PeoplePicker
          label={t('chooseMembers')}
          chosen={chosen}
          onPick={(p) => setChosen([...chosen, p])}
          onUnpick={(p) => setChosen(chosen.filter((c) => c.id !== p.id))}
        />
        <Switch label={t('lasting')} hint={t('lastingHint')} checked={lasting} onCheckedChange={setLasting} />
        {error && (
          <p role="alert" className="text-danger">
            {error}
          </p>
        )}
      </form>
    </Dialog>
  )
}
