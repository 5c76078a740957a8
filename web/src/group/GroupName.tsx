import { Pencil } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { changeGroup } from '@/api/group'
import { useLimits } from '@/conversation/useConversation'
import { isComposing } from '@/lib/composing'
import { refusal } from '@/lib/refusal'
import type { Group } from '@/state/model'
import { Button } from '@/ui/Button'
import { IconButton } from '@/ui/IconButton'
import { TextField } from '@/ui/TextField'
import { showGroup } from './queries'

/** The name, and for those who may change it a field in its place. */
export function GroupName({ group, editable }: { group: Group; editable: boolean }) {
  const { t } = useTranslation('group')
  const [editing, setEditing] = useState(false)
  if (!editing) {
    return (
      <div className="flex max-w-full items-center gap-1">
        <h3 dir="auto" className="min-w-0 font-semibold break-words">{group.name}</h3>
        {editable && <IconButton icon={Pencil} size="small" label={t('rename')} onClick={() => setEditing(true)} />}
      </div>
    )
  }
  return <Rename group={group} onDone={() => setEditing(false)} />
}

function Rename({ group, onDone }: { group: Group; onDone: () => void }) {
  const { t } = useTranslation('group')
  const limit = useLimits()?.name
  const [name, setName] = useState(group.name)
  const [error, setError] = useState('')
  const [busy, setBusy] = useState(false)
  const save = async () => {
    const wanted = name.trim()
    if (!wanted || wanted === group.name) return onDone()
    setBusy(true)
    try {
      showGroup(await changeGroup(group.id, { name: wanted }))
      onDone()
    } catch (e) {
      setError(refusal(e))
      setBusy(false)
    }
  }
  return (
    <form
      className="flex w-full flex-col gap-2"
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
    >
      <TextField
        label={t('name')}
        hideLabel
        // oxlint-disable-next-line jsx-a11y/no-autofocus -- the field replaces the button that was just pressed
        autoFocus
        maxLength={limit}
        value={name}
        onValueChange={setName}
        error={error}
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || isComposing(event)) return
          event.stopPropagation()
          onDone()
        }}
      />
      <div className="flex justify-end gap-2">
        <Button size="small" onClick={onDone}>
          {t('cancel')}
        </Button>
        <Button size="small" kind="primary" type="submit" busy={busy}>
          {t('save')}
        </Button>
      </div>
    </form>
  )
}
