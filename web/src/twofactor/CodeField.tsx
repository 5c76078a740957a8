import type { Ref } from 'react'
import { useTranslation } from 'react-i18next'
import { TextField } from '@/ui/TextField'

interface Props {
  /** Takes the focus when it appears. */
  focused?: boolean
  value: string
  onValueChange: (value: string) => void
  error?: string
  ref?: Ref<HTMLInputElement>
}

/** The field for a code of the app. Phones show digits to type it, and password managers fill it in. */
export function CodeField({ focused, value, onValueChange, error, ref }: Props) {
  const { t } = useTranslation('twoFactor')
  return (
    <TextField
      ref={ref}
      label={t('code')}
      hint={t('codeHint')}
      name="code"
      inputMode="numeric"
      autoComplete="one-time-code"
      spellCheck={false}
      maxLength={16}
      // oxlint-disable-next-line jsx-a11y/no-autofocus -- it takes the place of a form that had the focus
      autoFocus={focused}
      value={value}
      onValueChange={onValueChange}
      {...(error && { error })}
    />
  )
}

/** The digits of a code as people type or paste it. */
export const digitsOf = (code: string): string => code.replace(/[\s-]/g, '')

export const isAppCode = (code: string): boolean => /^\d{6}$/.test(digitsOf(code))
