import { MessagesSquare } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { openDialog } from '@/app/dialogs'
import { keysOf } from '@/app/keys/shortcuts'
import { byFinger } from '@/lib/pointer'
import { Button } from '@/ui/Button'
import { EmptyState } from '@/ui/EmptyState'

/** What stands beside the list while no chat is open. */
export function Welcome() {
  const { t } = useTranslation('shell')
  return (
    <main className="h-full flex-1 bg-ground">
      <EmptyState
        icon={MessagesSquare}
        title={t('welcomeTitle')}
        {...(!byFinger() && { text: t('welcomeText', { keys: keysOf('switcher') }) })}
        action={<Button onClick={() => openDialog('new-chat')}>{t('startChat')}</Button>}
      />
    </main>
  )
}
