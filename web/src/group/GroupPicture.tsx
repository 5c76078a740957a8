import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { changeGroup } from '@/api/group'
import { useLimits } from '@/conversation/useConversation'
import { tooLarge } from '@/lib/refusal'
import type { Group } from '@/state/model'
import { actions } from '@/state/store'
import { PictureButton } from '@/ui/PictureButton'
import { toast, toastError } from '@/ui/toast'
import { GroupAvatar } from './GroupAvatar'
import { showGroup } from './queries'

/** The picture, and for those who may change it a menu that does. The server cuts it square. */
export function GroupPicture({ group, editable }: { group: Group; editable: boolean }) {
  const { t } = useTranslation('group')
  const [busy, setBusy] = useState(false)
  const limit = useLimits()?.image
  const picture = <GroupAvatar id={group.id} name={group.name} src={group.avatar} size="large" />
  if (!editable) return picture

  const set = async (makeKey: () => string | Promise<string>) => {
    setBusy(true)
    try {
      showGroup(await changeGroup(group.id, { avatarKey: await makeKey() }))
    } catch (e) {
      toastError(e)
    } finally {
      setBusy(false)
    }
  }
  const take = (chosen: File) => {
    if (limit && chosen.size > limit) toast(tooLarge(chosen.size, limit), 'error')
    else void set(() => actions().uploadPicture(chosen))
  }
  return (
    <PictureButton
      label={t('picture')}
      choose={t('changePicture')}
      remove={group.avatar ? t('removePicture') : undefined}
      busy={busy}
      onChosen={take}
      onRemoved={() => void set(() => '')}
    >
      {picture}
    </PictureButton>
  )
}
