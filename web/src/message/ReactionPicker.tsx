import type { LucideIcon } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { loadTexts } from '@/i18n'
import type { Message } from '@/state/model'
import { actions } from '@/state/store'
import { IconButton } from '@/ui/IconButton'
import { onDemand } from '@/ui/onDemand'
import { Popover } from '@/ui/Popover'
import { toastError } from '@/ui/toast'

const AllEmoji = onDemand<{ onPick: (text: string) => void }>(() => loadTexts('composer').then(() => import('@/composer/EmojiPicker')).then(({ AllEmoji: picker }) => ({ default: picker })))

/** A button that opens all emoji, to put one on the message. */
export function ReactionPicker({ message, icon, className, onOpenChange }: { message: Message; icon: LucideIcon; className?: string; onOpenChange?: (open: boolean) => void }) {
  const { t } = useTranslation('message')
  const [open, setOpen] = useState(false)
  const change = (next: boolean): void => {
    setOpen(next)
    onOpenChange?.(next)
  }
  return (
    <Popover label={t('command.react')} open={open} onOpenChange={change} trigger={<IconButton icon={icon} label={t('command.react')} size="small" className={className} />} className="w-[22rem]">
      <div className="min-h-96">
        <AllEmoji
          onPick={(text) => {
            change(false)
            void actions().react(message, text, true).catch(toastError)
          }}
        />
      </div>
    </Popover>
  )
}
