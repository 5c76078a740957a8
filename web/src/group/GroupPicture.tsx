import { useQuery } from '@tanstack/react-query'
import { Camera, ImageOff } from 'lucide-react'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { serverConfig } from '@/api/config'
import { changeGroup } from '@/api/group'
import { bytes } from '@/lib/bytes'
import type { Group } from '@/state/model'
import { actions } from '@/state/store'
import { Avatar } from '@/ui/Avatar'
import { Menu } from '@/ui/Menu'
import { Spinner } from '@/ui/Spinner'
import { toast, toastError } from '@/ui/toast'
import { showGroup } from './queries'

/** The picture, and for those who may change it a menu that does. The server cuts it square. */
export function GroupPicture({ group, editable }: { group: Group; editable: boolean }) {
  const { t, i18n } = useTranslation('group')
  const file = useRef<HTMLInputElement>(null)
  const [busy, setBusy] = useState(false)
  const limit = useQuery({ queryKey: ['config'], queryFn: serverConfig, staleTime: Infinity }).data?.limits.image
  const picture = <Avatar name={group.name} src={group.avatar} seed={group.id} group size="large" />
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
  const take = (chosen: File | undefined) => {
    if (!chosen) return
    if (limit && chosen.size > limit) toast(t('pictureTooLarge', { limit: bytes(limit, i18n.language) }), 'error')
    else void set(() => actions().uploadPicture(chosen))
  }
  return (
    <>
      <Menu
        align="start"
        trigger={
          <button type="button" aria-label={t('picture')} aria-busy={busy || undefined} className="group relative rounded-2xl">
            {picture}
            <span className="absolute -right-1.5 -bottom-1.5 flex size-7 items-center justify-center rounded-full border border-line bg-raised text-muted group-hover:text-text">
              {busy ? <Spinner className="size-4" /> : <Camera aria-hidden className="size-4" />}
            </span>
          </button>
        }
        entries={[
          { icon: Camera, label: t('changePicture'), onSelect: () => file.current?.click() },
          !!group.avatar && { icon: ImageOff, label: t('removePicture'), onSelect: () => void set(() => '') },
        ]}
      />
      <input
        ref={file}
        type="file"
        hidden
        aria-hidden
        tabIndex={-1}
        accept="image/jpeg,image/png,image/gif,image/webp"
        onChange={(event) => {
          take(event.target.files?.[0])
          event.target.value = ''
        }}
      />
    </>
  )
}
