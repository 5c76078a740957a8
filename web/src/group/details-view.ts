/** What the details panel of a chat shows. */
export type DetailsView = 'overview' | 'members' | 'files' | 'webhooks'
