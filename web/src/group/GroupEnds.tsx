import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { dissolveGroup, leaveGroup } from '@/api/group'
import type { Group } from '@/state/model'
import { Button } from '@/ui/Button'
import { ConfirmDialog } from '@/ui/ConfirmDialog'

/** The ways out of a group. */
export function GroupEnds({ group, mayDissolve, onDone }: { group: Group; mayDissolve: boolean; onDone: () => void }) {
  const { t } = useTranslation('group')
  const client = useQueryClient()
  const [asking, setAsking] = useState<'leave' | 'dissolve' | null>(null)
  const close = (open: boolean) => !open && setAsking(null)
  const end = async (how: (id: string) => Promise<void>) => {
    await how(group.id)
    void client.invalidateQueries({ queryKey: ['groups'] })
    void client.invalidateQueries({ queryKey: ['group', group.id] })
    onDone()
  }
  return (
    <div className="flex flex-col gap-2 border-t border-line px-3 pt-4 pb-2">
      <Button warns onClick={() => setAsking('leave')}>
        {t('leave')}
      </Button>
      {mayDissolve && (
        <Button warns onClick={() => setAsking('dissolve')}>
          {t('dissolve')}
        </Button>
      )}
      <ConfirmDialog
        open={asking === 'leave'}
        onOpenChange={close}
        title={t('leaveAsk', { name: group.name })}
        text={t(mayDissolve ? 'leaveCreatorText' : 'leaveText')}
        confirm={t('leave')}
        danger
        onConfirm={() => end(leaveGroup)}
      />
      <ConfirmDialog
        open={asking === 'dissolve'}
        onOpenChange={close}
        title={t('dissolveAsk', { name: group.name })}
        text={t('dissolveText')}
        confirm={t('dissolve')}
        danger
        onConfirm={() => end(dissolveGroup)}
      />
    </div>
  )
}
