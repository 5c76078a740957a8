import { useTranslation } from 'react-i18next'
import { AllEmoji } from '@/composer/EmojiPicker'
import type { Message } from '@/state/model'
import { actions } from '@/state/store'
import { Dialog } from '@/ui/Dialog'
import { toastError } from '@/ui/toast'

/** Chooses an emoji for a message, after a command of its menu or a key. */
export default function ReactDialog({ message, onClose }: { message: Message; onClose: () => void }) {
  const { t } = useTranslation('message')
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={t('command.react')}>
      <div className="min-h-96 px-3 pb-4">
        <AllEmoji
          onPick={(text) => {
            onClose()
            void actions().react(message, text, true).catch(toastError)
          }}
        />
      </div>
    </Dialog>
  )
}
