import type { TFunction } from 'i18next'

// The errors of a sign-in with a provider, as they come in the address, and the names of their texts.
const known: Readonly<Record<string, string>> = {
  'provider not reachable': 'unreachable',
  'sign-in expired': 'expired',
  'sign-in cancelled': 'cancelled',
  'no account for this sign-in': 'unknown',
}

/** Says in the user's words why a sign-in with a provider has failed; `t` is that of the noun signin. */
export function providerError(error: string, t: TFunction<'signin'>): string {
  const name = known[error]
  return name ? t(`provider.${name}`) : t('failed.provider', { detail: error })
}
