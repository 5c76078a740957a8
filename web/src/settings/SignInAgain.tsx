import { useTranslation } from 'react-i18next'
import { withBase } from '@/app/base'
import { beginSignInAgain } from '@/app/signInAgain'
import type { Me } from '@/state/model'
import { Button } from '@/ui/Button'
import { Card } from '@/ui/Card'

interface Props {
  me: Me
  /** The page to come back to. */
  path: string
  text: string
  refused: boolean
}

/** Says why the sign-in is too old, and leads to a new one and back. After a refusal it takes the focus of the form that it replaces. */
export function SignInAgain({ me, path, text, refused }: Props) {
  const { t } = useTranslation('settings')
  const begin = (): void => {
    beginSignInAgain({ account: me.id, email: me.email ?? '', path })
    location.assign(withBase('/sign-in'))
  }
  return (
    <Card className="flex flex-col items-start gap-3">
      <p role={refused ? 'alert' : undefined} className="text-sm text-muted">
        {text}
      </p>
      {/* oxlint-disable-next-line jsx-a11y/no-autofocus -- the button that had the focus may be gone */}
      <Button autoFocus={refused} onClick={begin}>{t('signInAgain')}</Button>
    </Card>
  )
}
