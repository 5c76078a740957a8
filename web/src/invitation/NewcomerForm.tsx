import { useTranslation } from 'react-i18next'
import { useLocation } from 'wouter'
import { ApiError } from '@/api/http'
import { acceptInvitation, type OpenInvitation } from '@/api/invitation'
import { forgetHandedSecret } from '@/app/handedSecret'
import { keepAnswer } from '@/app/keepAnswer'
import type { Language } from '@/i18n'
import { ownZone } from '@/lib/zones'
import { useServerConfig } from '@/settings/useServerConfig'
import { NewAccountForm, type FormField } from '@/signin/NewAccountForm'
import { Button } from '@/ui/Button'

type Field = 'name' | 'email' | 'password'

interface Props {
  secret: string
  invitation: OpenInvitation
  onSignedIn: () => void
}

/** The form that creates an account with an invitation. */
export function NewcomerForm({ secret, invitation, onSignedIn }: Props) {
  const { t, i18n } = useTranslation('invitation')
  const [, navigate] = useLocation()
  const { passwords, minPassword, domain } = invitation
  // Without passwords, people sign in again with a link, which they get by mail if the server sends mail.
  const mail = useServerConfig()?.signIn.mail ?? false
  const links = mail && !passwords
  const fields: FormField<Field>[] = [
    { name: 'name', label: t('name'), autoComplete: 'name', check: (value) => !value.trim() && t('nameMissing') },
    {
      name: 'email', label: t('email'), type: 'email', autoComplete: 'username', hint: domain && t('emailDomain', { domain }),
      check: (value) => Boolean(passwords || domain || links) && !value.trim() && t('emailMissing'),
    },
  ]
  if (passwords) {
    const short = t('passwordTooShort', { count: minPassword })
    fields.push({
      name: 'password', label: t('password'), type: 'password', autoComplete: 'new-password', hint: short,
      check: (value) => Array.from(value).length < minPassword && short,
    })
  }
  return (
    <NewAccountForm
      fields={fields}
      initial={{ email: invitation.email ?? '' }}
      submit={t('submit')}
      after={!passwords && <p className="text-sm text-muted">{t(links ? 'linkByMail' : 'linkByAdministrator')}</p>}
      onSubmit={async (values) => {
        if (keepAnswer(await acceptInvitation({ secret, ...values, language: i18n.language as Language, timeZone: ownZone() }))) return onSignedIn()
        forgetHandedSecret('invite')
        navigate('/sign-in', { replace: true })
      }}
      problemOf={(error) =>
        error instanceof ApiError && error.fields['email']?.code === 'email-taken' ? { email: t('emailTaken') } : undefined
      }
      below={
        <Button kind="link" className="self-center text-sm" onClick={() => navigate('/sign-in')}>
          {t('haveAccount')}
        </Button>
      }
    />
  )
}
