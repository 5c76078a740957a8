import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { askFriend } from '@/api/friends'
import { ApiError } from '@/api/http'
import { refusal } from '@/lib/refusal'
import { Button } from '@/ui/Button'
import { Dialog } from '@/ui/Dialog'
import { TextField } from '@/ui/TextField'
import { toast } from '@/ui/toast'
import { useFriendsChanged } from './queries'

interface Props {
  open: boolean
  onOpenChange: (open: boolean) => void
  /** Whom to ask; without it the dialog asks for an e-mail address. */
  person?: { id: string; name: string }
}

/** Asks somebody to become a friend: the way to write to people outside the own organizations. */
export function AddFriendDialog({ open, onOpenChange, person }: Props) {
  const { t } = useTranslation('people')
  const form = useId()
  const changed = useFriendsChanged()
  const [email, setEmail] = useState('')
  const [message, setMessage] = useState('')
  const [error, setError] = useState('')
  const [busy, setBusy] = useState(false)

  const why = (e: unknown): string => {
    if (e instanceof ApiError && e.status === 409) return t('alreadyFriends')
    if (e instanceof ApiError && e.status === 404) return t('nobodyWithEmail')
    return refusal(e)
  }
  const close = (next: boolean) => {
    onOpenChange(next)
    setError('')
  }
  const send = async () => {
    setBusy(true)
    setError('')
    try {
      const request = await askFriend(person ? { to: person.id } : { email: email.trim() }, message.trim())
      await changed()
      // Their own request was waiting: the two are friends at once.
      toast(t(request.state === 'accepted' ? 'nowFriends' : 'requestSent', { name: request.to.name }), 'success')
      setEmail('')
      setMessage('')
      onOpenChange(false)
    } catch (e) {
      setError(why(e))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Dialog
      open={open}
      onOpenChange={close}
      title={person ? t('addNamed', { name: person.name }) : t('addFriend')}
      description={person ? undefined : t('addFriendHint')}
      footer={
        <>
          <Button onClick={() => close(false)}>{t('cancel')}</Button>
          <Button kind="primary" type="submit" form={form} busy={busy} disabled={!person && !email.trim()}>
            {t('sendRequest')}
          </Button>
        </>
      }
    >
      <form
        id={form}
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          void send()
        }}
      >
        {!person && (
          <TextField label={t('email')} type="email" autoComplete="off" required value={email} onValueChange={setEmail} error={error} />
        )}
        <TextField label={t('requestMessage')} hint={t('requestMessageHint')} lines={3} maxLength={200} value={message} onValueChange={setMessage} />
        {person && error && (
          <p role="alert" className="text-danger">
            {error}
          </p>
        )}
      </form>
    </Dialog>
  )
}
