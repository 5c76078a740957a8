import { useState, type SubmitEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '@/ui/Button'
import { TextField } from '@/ui/TextField'
import { typedCode } from './fragment'
import { useSignIn, type Outcome } from './useSignIn'

/** `folded` keeps the form behind a button: most people have another way, or a link. */
export function CodeForm({ folded, ...outcome }: { folded: boolean } & Outcome) {
  const { t } = useTranslation('signin')
  const { busy, error, withCode } = useSignIn(outcome)
  const [open, setOpen] = useState(!folded)
  const [code, setCode] = useState('')
  const [missing, setMissing] = useState('')

  if (!open) {
    return (
      <Button kind="link" className="self-center text-sm" onClick={() => setOpen(true)}>
        {t('haveCode')}
      </Button>
    )
  }
  const submit = (e: SubmitEvent): void => {
    e.preventDefault()
    const wanted = typedCode(code)
    setMissing(wanted ? '' : t('codeMissing'))
    if (wanted) void withCode(wanted)
  }
  return (
    <form noValidate onSubmit={submit} className="flex flex-col gap-3">
      <TextField
        label={t('code')}
        hint={t('codeHint')}
        name="code"
        autoComplete="one-time-code"
        autoCapitalize="off"
        spellCheck={false}
        // oxlint-disable-next-line jsx-a11y/no-autofocus -- it appears because its button was pressed
        autoFocus={folded}
        value={code}
        onValueChange={setCode}
        error={missing || error}
      />
      <Button type="submit" kind={folded ? 'plain' : 'primary'} size="large" busy={busy}>
        {t('useCode')}
      </Button>
    </form>
  )
}
