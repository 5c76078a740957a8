/** The names of the texts about the last use of an application. The server records the changes of a system with a secret, not its reads. */
export const usedTexts = (kind: string) =>
  kind === 'server'
    ? ({ label: 'applications.changed', at: 'applications.changedAt', never: 'applications.neverChanged' } as const)
    : ({ label: 'person.seen', at: 'seen', never: 'sessions.neverUsed' } as const)
