import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { showAccount, signedIn } from '@/app/accounts'
import { Avatar } from '@/ui/Avatar'

/** Who is signed in with this browser already: one click away. */
export function KnownAccounts({ onChosen }: { onChosen: () => void }) {
  const { t } = useTranslation('signin')
  const [known] = useState(signedIn)
  if (known.length === 0) return null
  return (
    <section aria-label={t('known')} className="border-b border-line pb-4">
      <h2 className="mb-2 text-sm text-muted">{t('known')}</h2>
      <ul className="flex flex-col gap-1">
        {known.map(({ account }) => (
          <li key={account.id}>
            <button
              type="button"
              aria-label={t('continueAs', { name: account.name })}
              onClick={() => {
                showAccount(account.id)
                onChosen()
              }}
              className="flex w-full items-center gap-3 rounded-lg p-2 text-left hover:bg-hover"
            >
              <Avatar name={account.name} src={account.avatar} seed={account.id} />
              <span dir="auto" className="min-w-0 truncate font-medium">{account.name}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}
