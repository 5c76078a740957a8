import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { changeGroup } from '@/api/group'
import { useKeptForm } from '@/app/keptForm'
import { useLimits } from '@/conversation/useConversation'
import { refusal } from '@/lib/refusal'
import type { Group } from '@/state/model'
import { Button } from '@/ui/Button'
import { Dialog } from '@/ui/Dialog'
import { TextField } from '@/ui/TextField'
import { showGroup } from './queries'

export function AnnouncementDialog({ group, onClose }: { group: Group; onClose: () => void }) {
  const { t } = useTranslation('group')
  const form = useId()
  const limit = useLimits()?.announcement
  const { fields: { text }, change, forget } = useKeptForm(`announcement.${group.id}`, { text: group.announcement })
  const [error, setError] = useState('')
  const [busy, setBusy] = useState(false)
  const save = async () => {
    setBusy(true)
    setError('')
    try {
      showGroup(await changeGroup(group.id, { announcement: text.trim() }))
      forget()
      onClose()
    } catch (e) {
      setError(refusal(e))
      setBusy(false)
    }
  }
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t('announcement')}
      description={t('announcementHint')}
      footer={
        <>
          <Button
            onClick={() => {
              forget()
              onClose()
            }}
          >
            {t('cancel')}
          </Button>
          <Button kind="primary" type="submit" form={form} busy={busy}>
            {t('publish')}
          </Button>
        </>
      }
    >
      <form
        id={form}
        onSubmit={(event) => {
          event.preventDefault()
          void save()
        }}
      >
        <TextField
          label={t('announcement')}
          hideLabel
          lines={8}
          maxLength={limit}
          hint={limit ? t('characters', { count: text.length, limit }) : undefined}
          error={error}
          value={text}
          onValueChange={(value) => change({ text: value })}
        />
      </form>
    </Dialog>
  )
}
