import { LogOut, Plus, Settings, ShieldCheck, Smile } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'wouter'
import { showAccount, signedIn, watchAccounts } from '@/app/accounts'
import { withBase } from '@/app/base'
import { openDialog } from '@/app/dialogs'
import { forgetSignInAgain } from '@/app/signInAgain'
import { signOut } from '@/app/signOut'
import { cn } from '@/lib/cn'
import { useStore } from '@/state/store'
import { Avatar } from '@/ui/Avatar'
import { Menu } from '@/ui/Menu'

/** Who is signed in and whether they are connected; opens what concerns the account. */
export function AccountMenu({ side }: { side: 'top' | 'bottom' }) {
  const { t } = useTranslation('shell')
  const [, navigate] = useLocation()
  const me = useStore((s) => s.me)
  const online = useStore((s) => s.connection === 'online')
  const [accounts, setAccounts] = useState(signedIn)
  useEffect(() => watchAccounts(() => setAccounts(signedIn())), [])
  const name = me?.name ?? ''
  const administers = me?.role === 'owner' || me?.role === 'administrator'
  return (
    <Menu
      side={side}
      align="start"
      trigger={
        <button type="button" aria-label={t(online ? 'accountOnline' : 'accountOffline', { name })} className="relative rounded-lg">
          <Avatar name={name} src={me?.avatar ?? ''} seed={me?.id} />
          <span
            aria-hidden
            className={cn('absolute -right-0.5 -bottom-0.5 size-3 rounded-full border-2 border-sunken', online ? 'bg-success' : 'bg-badge-muted')}
          />
        </button>
      }
      entries={[
        { icon: Smile, label: t('status'), onSelect: () => openDialog('status') },
        { icon: Settings, label: t('profile'), onSelect: () => navigate('/settings/profile') },
        administers && { icon: ShieldCheck, label: t('administration'), onSelect: () => navigate('/admin') },
        null,
        ...accounts
          .filter((o) => o.account.id !== me?.id)
          .map((o) => ({ label: t('otherAccount', { name: o.account.name }), onSelect: () => switchTo(o.account.id) })),
        { icon: Plus, label: t('addAccount'), onSelect: addAccount },
        null,
        { icon: LogOut, label: t('signOut'), onSelect: signOut },
      ]}
    />
  )
}

function addAccount(): void {
  // The browser's Back button may have restored this page without a load.
  forgetSignInAgain()
  location.assign(withBase('/sign-in'))
}

// A page belongs to one account for as long as it lives, so that nothing of one can show up with the other.
function switchTo(account: string): void {
  showAccount(account)
  location.assign(withBase('/'))
}
