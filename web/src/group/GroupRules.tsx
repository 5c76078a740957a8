import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { changeGroup, type GroupPatch } from '@/api/group'
import type { Group } from '@/state/model'
import { Button } from '@/ui/Button'
import { ConfirmDialog } from '@/ui/ConfirmDialog'
import { Switch } from '@/ui/Switch'
import { toastError } from '@/ui/toast'
import { showGroup } from './queries'

/** What administrators decide. A switch moves at once, and back when the server refuses. */
export function GroupRules({ group }: { group: Group }) {
  const { t } = useTranslation('group')
  const [converting, setConverting] = useState(false)
  const set = (patch: GroupPatch & Partial<Group>) => {
    showGroup({ ...group, ...patch })
    changeGroup(group.id, patch).then(showGroup, (error: unknown) => {
      showGroup(group)
      toastError(error)
    })
  }
  return (
    <section aria-label={t('rules')} className="border-t border-line px-3 pt-3">
      <h3 className="pb-1 text-sm font-medium text-muted">{t('rules')}</h3>
      <Switch label={t('onlyAdminsSpeak')} checked={group.banned} onCheckedChange={(banned) => set({ banned })} />
      <Switch label={t('membersInvite')} checked={group.membersInvite} onCheckedChange={(membersInvite) => set({ membersInvite })} />
      {!group.isPost && (
        <Button className="mt-2 w-full" onClick={() => setConverting(true)}>
          {t('convert')}
        </Button>
      )}
      <ConfirmDialog
        open={converting}
        onOpenChange={setConverting}
        title={t('convertAsk')}
        text={t('convertText')}
        confirm={t('convert')}
        onConfirm={async () => showGroup(await changeGroup(group.id, { isPost: true }))}
      />
    </section>
  )
}
