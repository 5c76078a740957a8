// Made from internal/rest by go generate. Do not edit.

export interface AdminAccess {
  /** The main organization; missing: there is none */
  organization?: AdminOrganization
  /** Has the rights of owners: can change owners, and applications that call the host API */
  owner: boolean
  /** Role in the main organization; missing: a host system */
  role?: 'owner' | 'administrator'
}

export interface AdminApplication {
  /** Unix milliseconds */
  createdAt: number
  /** Nobody gets in through it since then; missing: it is not disabled */
  disabledAt?: number
  id: string
  /** Value that clients send as app */
  key: string
  kind: 'web' | 'mobile' | 'desktop' | 'server'
  /** Last use: a log-in or request of somebody through it, a token that was issued for it, or a call of a host system. Another node reports a use within a minute. Missing: never */
  lastSeenAt?: number
  /** Pushes that its sockets do not want */
  mutedPushes: string[]
  name: string
  /** The organization that the application is restricted to; missing: no restriction */
  organization?: string
  /** Its permissions for the host API; only for kind server */
  scopes: string[]
  /** The valid secrets without their values, newest first; only for kind server */
  secrets: AdminCredential[]
  /** Form of the acknowledgement of the two send requests */
  sendAck: 'error-first' | 'result-first'
  /** The valid keys for signing JWTs without their values, newest first */
  signingKeys: AdminCredential[]
  url: string
  /** true: the application of the web client. It cannot be disabled, because nobody could sign in with a browser to enable it again */
  webClient?: boolean
}

export interface AdminApplicationPage {
  items: AdminApplication[]
  /** Value of next for the following page; missing on the last page */
  next?: string
}

export interface AdminApplicationSecret {
  application: AdminApplication
  /** The secret or the signing key. It is shown only once */
  secret?: string
}

export interface AdminAttention {
  /** How many groups or mails */
  count?: number
  /** no-owner: nobody is an owner. one-owner: nobody can replace the only one. ownerless-groups: their creators are not active. two-secrets: a rotation of secrets is not finished. disk: less than a tenth is free. backup: the latest one has failed or has differences, or is overdue. mail: mails have waited for more than 15 minutes. versions: the nodes run different versions */
  kind: 'no-owner' | 'one-owner' | 'ownerless-groups' | 'two-secrets' | 'disk' | 'backup' | 'mail' | 'versions'
  /** The application, the failure of the backup, or the versions */
  target?: string
}

export interface AdminCredential {
  createdAt?: number
  /** Missing: valid until it is rotated */
  expiresAt?: number
}

export interface AdminDay {
  /** The beginning of the day */
  at: number
  /** Uploads whose files are still stored */
  files: number
  /** Messages of people */
  messages: number
  /** People who sent something */
  people: number
}

export interface AdminErase {
  /** Exactly the name of the person, as a confirmation */
  name: string
}

export interface AdminGroup {
  avatar: string
  /** Only administrators may write */
  banned: boolean
  /** Unix milliseconds */
  createdAt: number
  /** Missing: not dissolved */
  dissolvedAt?: number
  groupId: string
  /** true: a long-lived group, false: an ad-hoc discussion */
  isPost: boolean
  /** Time of the last message; missing: none */
  lastAt?: number
  members: number
  /** Messages of people */
  messages: number
  name: string
  ownerActive: boolean
  ownerId: string
  ownerName: string
}

export interface AdminGroupMembers {
  /** Ids of people */
  accounts: string[]
}

export interface AdminGroupOwner {
  /** Id of the new owner */
  account: string
}

export interface AdminGroupPage {
  items: AdminGroup[]
  /** Value of next for the following page; missing on the last page */
  next?: string
}

export interface AdminHandOver {
  /** Id of the new owner */
  to: string
}

export interface AdminHandedOver {
  /** The groups that have a new owner */
  groups: string[]
}

export interface AdminImport {
  /** false: a preview, nothing was changed */
  applied: boolean
  created: number
  lines: AdminImportLine[]
  refused: number
  unchanged: number
  updated: number
}

export interface AdminImportFile {
  /** Change the people; false: only a preview */
  apply?: boolean
  /** The content of the file */
  csv: string
}

export interface AdminImportLine {
  /** Missing: the person does not exist */
  accountId?: string
  action: 'create' | 'update' | 'unchanged' | 'refuse'
  /** The new state, if it changes */
  active?: boolean
  /** The fields that change */
  changes?: string[] | null
  /** The reason for programs. forbidden: only owners may do this, or the caller no longer administers the server. sign-in-again: it needs a recent sign-in. exists: the id is that of something else. repeated: an earlier line names the same person. form: the field does not accept the value. required: the field is empty; for email: an id would do as well. too-long: most is the number of characters. characters: the name has characters that cannot be in one. email-taken: another account has the address. several-accounts: several accounts have the address, give the id. new-inactive: a new person is active. last-owner, no-way: nobody else could administer the server, or sign in to do so. own-account: it is your own account. no-organization: the server has no main organization. unreadable: the line has a stray quote or is too long. too-many-fields: more than columns. other: problem has the reason */
  code?: 'forbidden' | 'sign-in-again' | 'exists' | 'repeated' | 'form' | 'required' | 'too-long' | 'characters' | 'email-taken' | 'several-accounts' | 'new-inactive' | 'last-owner' | 'no-way' | 'own-account' | 'no-organization' | 'unreadable' | 'too-many-fields' | 'other'
  email: string
  /** The field of the line that is the reason; line: the whole line. Missing: the reason is not about the content of the line */
  field?: string
  /** In the file; the heading is line 1 */
  line: number
  name: string
  /** The present one, if it changes; missing: the person is not in the main organization */
  oldRole?: 'owner' | 'administrator' | 'member' | 'guest'
  /** Parameters of the reason, by their names: most */
  params?: unknown
  /** Why the line is refused, in English */
  problem?: string
  /** Of a new person; of others the new one, if it changes */
  role?: 'owner' | 'administrator' | 'member' | 'guest'
}

export interface AdminKeptBackup {
  /** When it began */
  at: number
  /** Size of everything in it */
  bytes: number
  /** That its verification has found */
  differences: number
  /** Files in it */
  files: number
  /** How long it took */
  seconds: number
}

export interface AdminMember {
  accountId: string
  active: boolean
  /** Of the group */
  administrator: boolean
  avatar: string
  email: string
  joinedAt: number
  name: string
}

export interface AdminMemberPage {
  items: AdminMember[]
  /** Value of next for the following page; missing on the last page */
  next?: string
}

export interface AdminNewPerson {
  department?: string
  email?: string
  /** Of mails to the person; empty: that of the server */
  language?: '' | 'en' | 'zh'
  name: string
  phone?: string
  /** In the main organization; default: member */
  role?: 'owner' | 'administrator' | 'member' | 'guest'
  /** IANA name; empty: that of the server */
  timeZone?: string
  title?: string
}

export interface AdminNode {
  /** At which other nodes reach it */
  address?: string
  /** It is the node that has answered this request */
  answers: boolean
  /** Its sockets */
  connections?: number
  id: string
  /** Accounts that are connected to it; missing, as are the other figures: the node has not given them yet */
  online?: number
  /** When it joined the others */
  since?: number
  version: string
  /** Its writes that wait for the commit under way */
  waiting?: number
}

export interface AdminOrganization {
  id: string
  name: string
}

export interface AdminOrganizationPatch {
  /** Nobody sees whether a member is online or types, and members do not see it of others */
  hidesActivity?: boolean
  /** Nobody sees which messages a member has read, and members see no read marks */
  hidesReading?: boolean
}

export interface AdminOrganizationSettings {
  /** Nobody sees whether a member is online or types, and members do not see it of others */
  hidesActivity: boolean
  /** Nobody sees which messages a member has read, and members see no read marks */
  hidesReading: boolean
  id: string
  name: string
}

export interface AdminOrganizations {
  items: AdminOrganizationSettings[]
}

export interface AdminOverview {
  /** Active accounts, with guests */
  active: number
  /** Owners and administrators */
  administrators: number
  /** What an administrator should look at */
  attention: AdminAttention[]
  /** The latest backup; missing: there is none, and none is configured */
  backup?: Backup
  /** Sockets of all nodes */
  connections: number
  /** Size of the database; missing: not known */
  databaseBytes?: number
  /** Oldest first; the last one is today */
  days: AdminDay[]
  /** Free bytes where the data folder is */
  diskFree?: number
  diskTotal?: number
  /** Their size */
  fileBytes?: number
  /** Stored files that people have uploaded, wherever they are stored; missing: not known */
  files?: number
  /** Groups that are not dissolved */
  groups: number
  guests: number
  inactive: number
  /** Nodes that share the database */
  nodes: number
  /** Accounts that are connected. With several nodes it is the sum: an account that is connected to two nodes counts twice */
  online: number
  /** The figures of each node; missing: the server is alone */
  perNode?: AdminNode[]
  startedAt?: number
  version: string
  /** Writes of all nodes that wait for the commit under way */
  waiting: number
}

export interface AdminPassword {
  password: string
}

export interface AdminPerson {
  accountId: string
  active: boolean
  avatar: string
  /** Unix milliseconds */
  createdAt: number
  department: string
  email: string
  /** Of mails to the person; empty: that of the server */
  language: '' | 'en' | 'zh'
  /** Last use of an access token, to the minute; missing: never */
  lastSeenAt?: number
  name: string
  /** Can sign in with a password */
  password: boolean
  phone: string
  /** In the main organization; missing: not in it */
  role?: 'owner' | 'administrator' | 'member' | 'guest'
  /** IANA name; empty: that of the server */
  timeZone: string
  title: string
  /** Has two-factor */
  twoFactor: boolean
}

export interface AdminPersonPage {
  items: AdminPerson[]
  /** Value of next for the following page; missing on the last page */
  next?: string
}

export interface AdminPersonPatch {
  active?: boolean
  department?: string
  email?: string
  /** Of mails to the person; empty: that of the server */
  language?: '' | 'en' | 'zh'
  name?: string
  phone?: string
  role?: 'owner' | 'administrator' | 'member' | 'guest'
  /** IANA name; empty: that of the server */
  timeZone?: string
  title?: string
}

export interface AdminProfile {
  /** Missing: the person was not erased */
  erasure?: Erasure
  /** That the person is a member of */
  groups: AdminGroup[]
  organizations: AdminOrganization[]
  /** That are neither revoked nor expired, newest first */
  sessions: AdminSession[]
}

export interface AdminRetention {
  /** The latest backup; missing: there is none, and none is configured */
  backup?: Backup
  /** The backups in the folder of the option backup.folder, the latest first */
  backups: AdminKeptBackup[]
  /** Those for which there can be a rule; at most a hundred */
  organizations: AdminOrganization[]
  /** Of organizations, then of groups */
  rules: AdminRetentionRule[]
  /** The removal of old messages */
  run: AdminRetentionRun
}

export interface AdminRetentionChange {
  /** Number of days; 0: for ever */
  days: number
}

export interface AdminRetentionPreview {
  /** Their size */
  bytes: number
  chats: number
  /** Files that no other message names */
  files: number
  messages: number
  /** For the parameter after of the next part; missing: this was the last part */
  next?: number
  /** Time of the oldest of the messages; missing: there is none */
  oldestAt?: number
  /** How far the preview is with this part, from 0 to 1 */
  progress: number
}

export interface AdminRetentionRule {
  /** Older messages are removed, with their files; 0: none is */
  days: number
  /** Id of the organization or the group */
  id: string
  /** Its name */
  name: string
  /** What the rule is for */
  scope: 'organization' | 'group'
  /** Unix milliseconds */
  setAt: number
}

export interface AdminRetentionRun {
  /** Missing: there was none */
  beganAt?: number
  /** Their size */
  bytes: number
  /** When the latest one ended */
  endedAt?: number
  /** Stored files that no other message names. They are removed a moment later */
  files: number
  /** That it has removed */
  messages: number
  /** Of a running one, from 0 to 1 */
  progress: number
  /** It has begun and not ended */
  running: boolean
}

export interface AdminSession {
  accountId: string
  /** Name of the application that it is valid with; empty: all */
  app: string
  /** Id of the application; missing: all */
  appId?: string
  /** Unix milliseconds */
  createdAt: number
  /** Name that the client or the browser sent, or the note of the issuer of the token */
  device: string
  /** Missing: does not expire */
  expiresAt?: number
  /** Time of the last use, to the minute; missing: never used */
  lastSeenAt?: number
  /** Of the person */
  name: string
  /** Names the log-in; not a secret */
  sessionId: string
}

export interface AdminSessionPage {
  items: AdminSession[]
  /** Value of next for the following page; missing on the last page */
  next?: string
}

export interface AdminSetting {
  /** Possible values of a choice, and entries of a list */
  choices?: string[]
  /** Value if nothing else is chosen */
  default: string
  /** A flag, the environment or the configuration file has set it, so that it cannot be changed here */
  fixed: boolean
  /** Section of the documentation of the options */
  group: string
  /** Meaning, in English */
  help: string
  /** Smallest value */
  least?: string
  /** It can be changed while the server runs, if it is not fixed */
  live: boolean
  /** Largest value */
  most?: string
  /** Of the option */
  name: string
  /** Only owners can change it */
  owners?: boolean
  /** Its value is never shown */
  secret?: boolean
  /** Source of the value; database: it was changed with this API */
  source: 'default' | 'database' | 'file' | 'environment' | 'flag'
  /** Form of the value, which is always a text as in the configuration file: a size like 20MiB, a duration like 90s, a switch true or false, a list with commas */
  type: 'text' | 'choice' | 'switch' | 'number' | 'decimal' | 'size' | 'duration' | 'list'
  /** Unit of a number */
  unit?: string
  /** Value in force; empty for a secret */
  value: string
}

export interface AdminSettingValue {
  name: string
  value: string
}

export interface AdminSettings {
  items: AdminSetting[]
  /** Send it with a change. It differs after each change */
  version: string
}

export interface AdminSettingsChange {
  /** Names of settings that get their defaults again */
  reset?: string[]
  /** New values */
  values?: AdminSettingValue[]
  /** Of the settings that the change is based on */
  version: string
}

export interface AdminSignInLink {
  /** Signs the person in once */
  code: string
  expiresAt: number
  /** Opens the web client and signs the person in */
  link: string
}

export interface AdminSignInLinkOptions {
  /** Lifetime; default: the option auth.code-ttl */
  ttlSeconds?: number
}

export interface ApplicationPatch {
  /** true: nobody gets in through the application, and its sockets are closed. Its tokens and secrets are valid again with false. Not for the application of the caller, nor for that of the web client */
  disabled?: boolean
  kind?: 'web' | 'mobile' | 'desktop' | 'server'
  /** The complete list; [] for none */
  mutedPushes?: string[]
  name?: string
  /** The complete list */
  scopes?: ('read' | 'accounts' | 'groups' | 'messages' | 'notifications' | 'tokens' | 'applications' | 'administration')[]
  sendAck?: 'error-first' | 'result-first'
  url?: string
}

export interface AuditEntry {
  /** Id of the person; missing: a host system, the operator, or nobody known */
  actor?: string
  actorName?: string
  /** Network address of the client */
  address?: string
  /** User-Agent of the client */
  agent?: string
  /** Id of the application that was used, or of the host system */
  app?: string
  appName?: string
  /** Unix milliseconds */
  at: number
  /** Such as the old and the new role. Never the text of a message or a secret */
  detail?: unknown
  /** Later entries have higher numbers */
  id: string
  /** What happened; see docs/administration.md */
  kind: string
  /** Present names of people, organizations and devices whose ids are in detail */
  names?: unknown
  /** true: the operator of the server acted, with a command; agent has its name */
  operator?: boolean
  /** X-Request-Id of the request */
  request?: string
  session?: string
  /** Id of the changed thing */
  target?: string
  targetName?: string
  targetType?: 'account' | 'group' | 'organization' | 'application' | 'invitation' | 'setting'
}

export interface AuditPage {
  items: AuditEntry[]
  /** Value of next for the following page; missing on the last page */
  next?: string
}

export interface Backup {
  /** When the latest complete one without differences began; missing: there is none */
  at?: number
  /** Size of everything in it */
  bytes?: number
  /** When a later one failed, or was found to have differences */
  failedAt?: number
  /** Its reason, in English */
  failure?: string
  /** The kind of the reason. differences: the backup is complete, and its verification has found differences. disk-full: the disk of the backups or of the server. not-allowed: the server may not read or write a file or folder. missing: a file or folder is not there, or is no folder. storage-service: a file could not be copied from there. database: it could not be read */
  failureCode?: 'differences' | 'disk-full' | 'not-allowed' | 'missing' | 'storage-service' | 'database' | 'other'
  /** On the server */
  folder?: string
  /** One runs at this moment */
  running: boolean
  /** How long it took */
  seconds?: number
}

export interface Erasure {
  accountId: string
  /** Missing: the server still removes messages */
  endedAt?: number
  /** That the person had sent */
  messages: number
  /** Of these, so far */
  removed: number
  /** Since this time the profile is gone and the person is signed out. Unix milliseconds */
  startedAt: number
}

export interface NewApplication {
  /** Value that clients send as app, in printable ASCII; default: the server makes one */
  key?: string
  /** Where it runs */
  kind?: 'web' | 'mobile' | 'desktop' | 'server'
  /** Pushes that its sockets do not want, by their names */
  mutedPushes?: string[]
  name: string
  /** Restricts the application, including log-ins through it, to one organization. This cannot be changed later */
  organization?: string
  /** Its permissions for the host API; required for kind server, not allowed for other kinds */
  scopes?: ('read' | 'accounts' | 'groups' | 'messages' | 'notifications' | 'tokens' | 'applications' | 'administration')[]
  /** Form of the acknowledgement of the two send requests: ack(false, result) or ack(result) */
  sendAck?: 'error-first' | 'result-first'
  /** Its address */
  url?: string
}

export interface Rotation {
  /** How long the previous one stays valid; 0 or missing: it ends at once */
  overlapSeconds?: number
}

/**
 * The administration API: what an operation takes as its query and as its body, and what it gives.
 * undefined: it takes none; void: what it gives is not read.
 */
export interface AdminApi {
  /** Get what the caller may do */
  'GET /api/admin': {
    query: undefined
    body: undefined
    result: AdminAccess
  }
  /** List the applications */
  'GET /api/admin/applications': {
    query: undefined
    body: undefined
    result: AdminApplicationPage
  }
  /** Register an application */
  'POST /api/admin/applications': {
    query: undefined
    body: NewApplication
    result: AdminApplicationSecret
  }
  /** Change an application */
  'PATCH /api/admin/applications/{application}': {
    query: undefined
    body: ApplicationPatch
    result: AdminApplication
  }
  /** Give an application a new secret */
  'POST /api/admin/applications/{application}/secret': {
    query: undefined
    body: Rotation
    result: AdminApplicationSecret
  }
  /** Give an application a new key for signing JWTs */
  'POST /api/admin/applications/{application}/signing-key': {
    query: undefined
    body: Rotation
    result: AdminApplicationSecret
  }
  /** Read the audit log */
  'GET /api/admin/audit': {
    query: {
      /** The next of the previous page; empty for the first page */
      next?: string
      /** How many at most */
      limit?: number
      /** From this time on, in Unix milliseconds */
      since?: number
      /** Before this time, in Unix milliseconds */
      until?: number
      /** A kind, such as sign-in, or a prefix that ends with a dot, such as group. */
      kind?: string
      /** Id of the person who acted */
      actor?: string
      /** Id of the application */
      application?: string
      targetType?: 'account' | 'group' | 'organization' | 'application' | 'invitation' | 'setting'
      /** Id of the changed thing */
      target?: string
    }
    body: undefined
    result: AuditPage
  }
  /** Export the audit log */
  'GET /api/admin/audit/export': {
    query: {
      /** From this time on, in Unix milliseconds */
      since?: number
      /** Before this time, in Unix milliseconds */
      until?: number
      /** A kind, such as sign-in, or a prefix that ends with a dot, such as group. */
      kind?: string
      /** Id of the person who acted */
      actor?: string
      /** Id of the application */
      application?: string
      targetType?: 'account' | 'group' | 'organization' | 'application' | 'invitation' | 'setting'
      /** Id of the changed thing */
      target?: string
      format?: 'csv' | 'jsonl'
    }
    body: undefined
    result: void
  }
  /** List or search groups */
  'GET /api/admin/groups': {
    query: {
      /** The next of the previous page; empty for the first page */
      next?: string
      /** How many at most */
      limit?: number
      /** Words of the name, its pinyin or initials */
      query?: string
      /** Also dissolved groups */
      dissolved?: boolean
      /** Only groups whose owner is not active */
      ownerless?: boolean
    }
    body: undefined
    result: AdminGroupPage
  }
  /** Get a group */
  'GET /api/admin/groups/{group}': {
    query: undefined
    body: undefined
    result: AdminGroup
  }
  /** Dissolve a group */
  'DELETE /api/admin/groups/{group}': {
    query: undefined
    body: undefined
    result: void
  }
  /** List the members of a group */
  'GET /api/admin/groups/{group}/members': {
    query: {
      /** The next of the previous page; empty for the first page */
      next?: string
      /** How many at most */
      limit?: number
    }
    body: undefined
    result: AdminMemberPage
  }
  /** Add people to a group */
  'POST /api/admin/groups/{group}/members': {
    query: undefined
    body: AdminGroupMembers
    result: void
  }
  /** Remove somebody from a group */
  'DELETE /api/admin/groups/{group}/members/{account}': {
    query: undefined
    body: undefined
    result: void
  }
  /** Hand over a group */
  'PUT /api/admin/groups/{group}/owner': {
    query: undefined
    body: AdminGroupOwner
    result: AdminGroup
  }
  /** Set for how long messages of the group are kept */
  'PUT /api/admin/groups/{group}/retention': {
    query: undefined
    body: AdminRetentionChange
    result: AdminRetentionRule
  }
  /** Remove the rule of retention of the group */
  'DELETE /api/admin/groups/{group}/retention': {
    query: undefined
    body: undefined
    result: void
  }
  /** Say what a rule of the group would remove */
  'GET /api/admin/groups/{group}/retention/preview': {
    query: {
      /** Number of days; 0: for ever */
      days?: number
      /** The next of the part before; missing: the first part */
      after?: number
    }
    body: undefined
    result: AdminRetentionPreview
  }
  /** List the organizations */
  'GET /api/admin/organizations': {
    query: undefined
    body: undefined
    result: AdminOrganizations
  }
  /** Hide the reading or the activity of the members of an organization */
  'PATCH /api/admin/organizations/{organization}': {
    query: undefined
    body: AdminOrganizationPatch
    result: AdminOrganizationSettings
  }
  /** Set for how long messages of the organization are kept */
  'PUT /api/admin/organizations/{organization}/retention': {
    query: undefined
    body: AdminRetentionChange
    result: AdminRetentionRule
  }
  /** Remove the rule of retention of the organization */
  'DELETE /api/admin/organizations/{organization}/retention': {
    query: undefined
    body: undefined
    result: void
  }
  /** Say what a rule of the organization would remove */
  'GET /api/admin/organizations/{organization}/retention/preview': {
    query: {
      /** Number of days; 0: for ever */
      days?: number
      /** The next of the part before; missing: the first part */
      after?: number
    }
    body: undefined
    result: AdminRetentionPreview
  }
  /** Get the figures of the server */
  'GET /api/admin/overview': {
    query: {
      /** How many days, with today */
      days?: number
    }
    body: undefined
    result: AdminOverview
  }
  /** List or search people */
  'GET /api/admin/people': {
    query: {
      /** The next of the previous page; empty for the first page */
      next?: string
      /** How many at most */
      limit?: number
      /** Words of the name, its pinyin or initials, or of the e-mail address */
      query?: string
      /** Only people with this role in the main organization */
      role?: 'owner' | 'administrator' | 'member' | 'guest'
      /** Only active, or only inactive people */
      active?: 'true' | 'false'
    }
    body: undefined
    result: AdminPersonPage
  }
  /** Add a person */
  'POST /api/admin/people': {
    query: undefined
    body: AdminNewPerson
    result: AdminPerson
  }
  /** Import people from CSV */
  'POST /api/admin/people/import': {
    query: undefined
    body: AdminImportFile
    result: AdminImport
  }
  /** Get a person */
  'GET /api/admin/people/{account}': {
    query: undefined
    body: undefined
    result: AdminProfile
  }
  /** Change a person */
  'PATCH /api/admin/people/{account}': {
    query: undefined
    body: AdminPersonPatch
    result: AdminPerson
  }
  /** Erase a person for ever */
  'POST /api/admin/people/{account}/erase': {
    query: undefined
    body: AdminErase
    result: Erasure
  }
  /** Hand over the groups of a person */
  'POST /api/admin/people/{account}/hand-over': {
    query: undefined
    body: AdminHandOver
    result: AdminHandedOver
  }
  /** Give a person a password */
  'PUT /api/admin/people/{account}/password': {
    query: undefined
    body: AdminPassword
    result: void
  }
  /** Sign a person out everywhere */
  'DELETE /api/admin/people/{account}/sessions': {
    query: {
      /** Also remove the password, identities of a provider that were linked after the account was made, and an e-mail address that the account has set itself */
      everything?: boolean
    }
    body: undefined
    result: void
  }
  /** Make a link that signs a person in */
  'POST /api/admin/people/{account}/sign-in-links': {
    query: undefined
    body: AdminSignInLinkOptions
    result: AdminSignInLink
  }
  /** Turn off the two-factor of a person */
  'DELETE /api/admin/people/{account}/two-factor': {
    query: undefined
    body: undefined
    result: void
  }
  /** Get for how long messages are kept */
  'GET /api/admin/retention': {
    query: undefined
    body: undefined
    result: AdminRetention
  }
  /** List sessions */
  'GET /api/admin/sessions': {
    query: {
      /** The next of the previous page; empty for the first page */
      next?: string
      /** How many at most */
      limit?: number
      /** Only those of this person */
      account?: string
      /** Only those with the application with this id */
      application?: string
      /** Only those with this text in their device, in upper or lower case */
      device?: string
      /** Only those that were used at this time or later, in Unix milliseconds */
      seenSince?: number
      /** Only those that were not used at this time or later, in Unix milliseconds */
      seenBefore?: number
    }
    body: undefined
    result: AdminSessionPage
  }
  /** End a session */
  'DELETE /api/admin/sessions/{session}': {
    query: undefined
    body: undefined
    result: void
  }
  /** List the settings */
  'GET /api/admin/settings': {
    query: undefined
    body: undefined
    result: AdminSettings
  }
  /** Change settings */
  'PATCH /api/admin/settings': {
    query: undefined
    body: AdminSettingsChange
    result: AdminSettings
  }
}
