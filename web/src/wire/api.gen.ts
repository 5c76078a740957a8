// Made from internal/rest by go generate. Do not edit.

export interface BroughtIn {
  /** Contacts of the caller */
  members: string[]
}

export interface ChangePassword {
  /** The current password; optional if there is none, or after a sign-in within the last minutes */
  current?: string
  password: string
}

export interface ClientConfig {
  /** Key of the web client's application */
  app: string
  /** People with a password can change their e-mail address: /api/me/email */
  emailChange: boolean
  /** Base path of the history */
  historyPath: string
  limits: ClientLimits
  /** Origins, besides the server's own, from which a client may load pictures, sound and video: exact, with a * for the first part of the host, or * for all. For other origins it shows a link, because loading would tell them who reads and when */
  pictureOrigins: string[]
  server: ClientServer
  /** There are no people: somebody with the link that the server prints at its start has to set it up */
  setUp?: boolean
  signIn: ClientSignIn
  /** Path for sockets */
  socketPath: string
  uploads: ClientUploads
}

export interface ClientLimits {
  announcement: number
  /** How long people can edit their own messages */
  editSeconds: number
  file: number
  /** Only the author of an edited message can read its former texts */
  hideRevisions: boolean
  image: number
  name: number
  /** Minimum number of characters of a password */
  password: number
  /** Minimum time between two shakes of the same person */
  shakeSeconds: number
  text: number
  /** Maximum number of chats on top */
  top: number
  video: number
  voice: number
  /** How long people can withdraw their own messages */
  withdrawSeconds: number
}

export interface ClientListFileLink {
  items: FileLink[]
  /** Value of next for the following page; missing on the last page */
  next?: string
}

export interface ClientListFriendRequest {
  items: FriendRequest[]
  /** Value of next for the following page; missing on the last page */
  next?: string
}

export interface ClientListGroupFaces {
  items: GroupFaces[]
  /** Value of next for the following page; missing on the last page */
  next?: string
}

export interface ClientListInvitation {
  items: Invitation[]
  /** Value of next for the following page; missing on the last page */
  next?: string
}

export interface ClientListNotice {
  items: Notice[]
  /** Value of next for the following page; missing on the last page */
  next?: string
}

export interface ClientListOwnGroup {
  items: OwnGroup[]
  /** Value of next for the following page; missing on the last page */
  next?: string
}

export interface ClientListPersonInGroup {
  items: PersonInGroup[]
  /** Value of next for the following page; missing on the last page */
  next?: string
}

export interface ClientListSession {
  items: Session[]
  /** Value of next for the following page; missing on the last page */
  next?: string
}

export interface ClientListWebhook {
  items: Webhook[]
  /** Value of next for the following page; missing on the last page */
  next?: string
}

export interface ClientProvider {
  id: string
  /** Text of the button */
  name: string
}

export interface ClientServer {
  /** Language of system messages */
  language: 'en' | 'zh'
  name: string
  /** Current offset of that zone from UTC */
  timeOffsetMinutes: number
  /** Zone of the time strings in pushes and history: an IANA name, or Local if only the offset is known */
  timeZone: string
  version: string
}

export interface ClientSignIn {
  /** Show a field for a sign-in code from the company's own systems. Links with a code always work */
  code: boolean
  /** A sign-in link can be sent by mail: /api/sign-in/link */
  mail: boolean
  /** Begin at /api/sign-in/oidc/{id} */
  oidc: ClientProvider[]
  password: boolean
}

export interface ClientUploads {
  /** Address for the form */
  address: string
  kind: 'disk' | 'qiniu' | 's3'
}

export interface DirectoryAnswer {
  items: Person[]
  /** Value of next for the following page; missing on the last page */
  next?: string
  /** On the first page: the number of people under each letter of the whole list, in order */
  sections?: DirectorySection[]
}

export interface DirectorySection {
  count: number
  /** A to Z, or # */
  initial: string
}

export interface EmailChange {
  /** The new address */
  email: string
  /** Of the person whose account it is */
  name: string
}

export interface EmailChangeSecret {
  /** The part of the link behind the # */
  secret: string
}

export interface Face {
  /** Address of a picture, or empty */
  avatar: string
  id: string
  name: string
}

export interface FileLink {
  /** Expiry in Unix milliseconds */
  expiresAt: number
  /** The message */
  message: string
  /** Address of its file; &size=thumb or &size=preview for a smaller picture, &download to save it */
  url: string
}

export interface FileLinksRequest {
  /** Ids of messages */
  messages: string[]
}

export interface FriendRequest {
  /** Time of creation */
  at: number
  from: Person
  id: string
  message: string
  state: 'waiting' | 'accepted' | 'declined'
  to: Person
}

export interface GroupFaces {
  faces: Face[]
  group: string
}

export interface Installation {
  /** Name in the list of sessions; default: the name that the browser sends */
  device?: string
  /** Required with a password */
  email?: string
  /** Of the server's own texts, and of mails to the person */
  language: 'en' | 'zh'
  /** Of the person */
  name: string
  organization: string
  /** Missing: the answer has a link for the next sign-in */
  password?: string
  /** The part of the link behind the # */
  secret: string
  /** Of the time strings in pushes and history, and of the person: an IANA name */
  timeZone: string
}

export interface Installed {
  /** Signs in once. Only without a password */
  link?: string
  linkExpiresAt?: number
  organization: string
  /** People can sign in with passwords. false: the set-up had no password, so passwords stay off until an owner turns the setting auth.passwords on */
  passwords: boolean
  signIn: SignedInBody
}

export interface Invitation {
  createdAt: number
  /** Domain that e-mail addresses must have */
  domain?: string
  /** Address that it is for */
  email?: string
  expiresAt: number
  /** Names of the groups that people enter, without those that were dissolved */
  groups: string[]
  /** Not a secret */
  id: string
  /** Name of the person; empty: an application that called the host API */
  inviter: string
  /** Missing: any number */
  maxUses?: number
  role: 'member' | 'guest'
  /** void: the person who made it is no longer an active owner or administrator */
  state: 'live' | 'ended' | 'used' | 'revoked' | 'void'
  uses: number
}

export interface InvitationSecret {
  /** The part of the link behind the # */
  secret: string
}

export interface InvitedSignIn {
  /** Address of the provider to which the browser must go. It comes back and ends at /sign-in#code=…&next=joined, or at /invite#error=… with the reason, and reason=… with its code if it is about the e-mail address */
  address: string
}

export interface IssuedInvitation {
  invitation: Invitation
  /** Everybody who has it can join. It is shown only once. The secret is after the #, which browsers do not send */
  link: string
  /** It is sent to the e-mail address */
  mailed: boolean
}

export interface IssuedWebhook {
  /** Address of a picture, or empty */
  avatar: string
  /** Account of its messages */
  bot: string
  createdAt: number
  /** Empty if a host system has made it */
  creatorName: string
  id: string
  /** Of the bot */
  name: string
  /** For signatures, if it is new. It cannot be read again later */
  secret?: string
  /** Requests need a signature, made with the secret */
  signed: boolean
  /** The address, if it is new. It is a secret, and cannot be read again later */
  url?: string
  /** Time of the latest message, to the minute; missing if there was none */
  usedAt?: number
}

export interface MailSignInLink {
  email: string
}

export interface MePatch {
  /** Key of an image that the caller has uploaded; empty removes the picture */
  avatarKey?: string
  /** Hide from others whether the caller is online or types; the caller then does not see it of others */
  hidesActivity?: boolean
  /** Hide from others which messages the caller has read; the caller then sees no read marks */
  hidesReading?: boolean
  /** Of mails to the person; empty: that of the server */
  language?: '' | 'en' | 'zh'
  name?: string
  /** IANA name; empty: that of the server */
  timeZone?: string
}

export interface Myself {
  /** False: the person cannot sign in */
  active: boolean
  /** The caller and contacts see of each other who is online and types; false: the caller, one of the organizations or the server hides it */
  activity: boolean
  /** Address of a picture, or empty */
  avatar: string
  /** Empty if there is none */
  email: string
  /** Until this time, in Unix milliseconds, the session can set a password without the current one; missing: it cannot */
  freshUntil?: number
  /** Whether one can sign in with a password */
  hasPassword: boolean
  /** The caller hides from others whether the caller is online or types, and does not see it of others */
  hidesActivity: boolean
  /** The caller hides from others which messages the caller has read, and sees no read marks */
  hidesReading: boolean
  id: string
  /** Letter under which a directory lists the name: A to Z, or # */
  initial: string
  /** Whether the caller may write to them */
  isContact: boolean
  isFriend: boolean
  /** Of mails to the person; empty: that of the server */
  language: '' | 'en' | 'zh'
  name: string
  organizations: Named[]
  /** The caller's messages have read marks; false: the caller, one of the organizations or the server hides them */
  readMarks: boolean
  /** In the organization whose owners and administrators administer the server; missing: the caller is not in it */
  role?: 'owner' | 'administrator' | 'member' | 'guest'
  /** Of the caller's session */
  sessionId: string
  /** IANA name; empty: that of the server */
  timeZone: string
  /** The option auth.two-factor requires two-factor, and the caller has none: the next sign-in with the password sets it up */
  twoFactorDue?: boolean
}

export interface Named {
  id: string
  name: string
}

export interface NewFriendRequest {
  /** Instead of to */
  email?: string
  /** The account that is signed in, and its session */
  message?: string
  /** Id of an account */
  to?: string
}

export interface NewInvitation {
  /** Domain that e-mail addresses must have. Only those of OpenID Connect providers are verified */
  domain?: string
  /** Address of the person that it is for. If the server can send mail, the link is sent there */
  email?: string
  /** Groups that people enter */
  groups?: string[]
  /** How many people it is for; 0: any number */
  maxUses: number
  /** Default: member. A guest sees only the groups of the invitation */
  role?: 'member' | 'guest'
  /** Lifetime in seconds; 0 or missing: seven days */
  ttlSeconds?: number
}

export interface NewOwnGroup {
  /** A long-lived group, which needs a name; false: an ad-hoc discussion */
  isPost?: boolean
  /** The other members, who must be contacts of the caller; the caller need not be listed */
  members: string[]
  name?: string
}

export interface NewWebhook {
  /** Key of an image that the caller has uploaded */
  avatarKey?: string
  name: string
}

export interface Newcomer {
  /** Name in the list of sessions; default: the name that the browser sends */
  device?: string
  /** Required where people sign in with passwords */
  email?: string
  /** Of mails to the person; empty: that of the server */
  language?: '' | 'en' | 'zh'
  name: string
  /** Required where people sign in with passwords */
  password?: string
  /** The part of the link behind the # */
  secret: string
  /** IANA name; empty: that of the server */
  timeZone?: string
}

export interface Notice {
  at: number
  /** Name of the object that it is about; may be empty */
  entityId: string
  id: string
  /** Name of the person or system that it comes from; may be empty */
  name: string
  text: string
  /** Type of the event; 0 (the account was mentioned) and 1 (somebody replied to the account) light a badge */
  type: string
  unread: boolean
  /** Address that opens on a click; may be empty */
  url: string
  /** Weak: it is counted separately */
  weak: boolean
}

export interface OpenInvitation {
  /** Domain that the e-mail address must have */
  domain?: string
  /** Address that it is for */
  email?: string
  /** Names of the groups that one enters */
  groups: string[]
  /** One sees only these groups */
  guest: boolean
  /** Empty: an application that called the host API */
  inviter: string
  minPassword: number
  organization: string
  /** Whether a new account needs an e-mail address and a password */
  passwords: boolean
}

export interface OwnGroup {
  announcement: string
  /** Address of a picture, or empty */
  avatar: string
  /** Only administrators can speak */
  banned: boolean
  createdAt: number
  creator: string
  id: string
  /** A long-lived group of an organization; false: an ad-hoc discussion */
  isPost: boolean
  /** The caller's setting; false: muted */
  isPush: boolean
  /** How many */
  members: number
  /** Every member can add others; false: only administrators can */
  membersInvite: boolean
  name: string
  /** The caller's role; a creator is admin */
  role: 'member' | 'admin'
}

export interface OwnGroupPatch {
  announcement?: string
  /** Key of an image that the caller has uploaded; empty removes the picture */
  avatarKey?: string
  /** Only administrators can speak */
  banned?: boolean
  /** Makes a discussion a group; this cannot be undone */
  isPost?: boolean
  /** The caller's setting; false: muted */
  isPush?: boolean
  /** Every member can add others; false: only administrators can */
  membersInvite?: boolean
  name?: string
}

export interface Person {
  /** False: the person cannot sign in */
  active: boolean
  /** Address of a picture, or empty */
  avatar: string
  /** Empty if there is none */
  email: string
  id: string
  /** Letter under which a directory lists the name: A to Z, or # */
  initial: string
  /** Whether the caller may write to them */
  isContact: boolean
  isFriend: boolean
  name: string
}

export interface PersonInGroup {
  isCreator: boolean
  joinedAt: number
  person: Person
  role: 'member' | 'admin'
}

export interface Profile {
  /** False: the person cannot sign in */
  active: boolean
  /** Address of a picture, or empty */
  avatar: string
  /** Empty if there is none */
  email: string
  /** At most 100 */
  groupsInCommon: Named[]
  id: string
  /** Letter under which a directory lists the name: A to Z, or # */
  initial: string
  /** Whether the caller may write to them */
  isContact: boolean
  isFriend: boolean
  name: string
  /** For other people: those that both are in */
  organizations: Named[]
  /** Waiting friend request: sent (the person has not answered) or received (the caller has not answered) */
  request?: 'sent' | 'received'
}

export interface Proof {
  /** A code of the app or a recovery code, which is used up */
  code?: string
  /** The current password */
  password?: string
}

export interface RecoveryCodes {
  /** Each signs in once in place of a code of the app. They are shown only once */
  codes: string[]
}

export interface RequestEmailChange {
  /** The current password */
  current: string
  email: string
}

export interface SearchChat {
  /** picture to show; may be empty */
  logo: string
  /** name to show */
  name: string
  /** 1 user, 2 group */
  type: number
  /** account or group */
  value: string
}

export interface SearchExcerpt {
  /** beginnings and ends of the matches, in UTF-16 units of text */
  marks: [number, number][]
  /** the excerpt; … stands for omitted parts */
  text: string
}

export interface SearchFile {
  /** time in Unix milliseconds */
  at: number
  /** the chat of the message */
  chat: SearchChat
  /** text around the first match */
  excerpt: SearchExcerpt
  /** the file */
  file: SearchFileInfo
  /** sender */
  from: SearchPerson
  /** the message */
  id: string
  /** type of the message */
  msgType: number
}

export interface SearchFileInfo {
  /** file type, as in a message */
  ft?: number
  /** the object's key */
  key?: string
  /** file name */
  name: string
  /** bytes; 0 if the sender did not give it */
  size: number
  /** download address */
  url?: string
}

export interface SearchHit {
  /** time in Unix milliseconds */
  at: number
  /** the chat of the message */
  chat: SearchChat
  /** text around the first match */
  excerpt: SearchExcerpt
  /** sender */
  from: SearchPerson
  /** the message */
  id: string
  /** type of the message */
  msgType: number
}

export interface SearchListOwnGroup {
  items: OwnGroup[]
  /** Value of next for the following page; missing on the last page */
  next?: string
  /** The search took too long and was ended: there may be more results after next or, without next, anywhere */
  partial?: boolean
}

export interface SearchListPerson {
  items: Person[]
  /** Value of next for the following page; missing on the last page */
  next?: string
  /** The search took too long and was ended: there may be more results after next or, without next, anywhere */
  partial?: boolean
}

export interface SearchListSearchFile {
  items: SearchFile[]
  /** Value of next for the following page; missing on the last page */
  next?: string
  /** The search took too long and was ended: there may be more results after next or, without next, anywhere */
  partial?: boolean
}

export interface SearchListSearchHit {
  items: SearchHit[]
  /** Value of next for the following page; missing on the last page */
  next?: string
  /** The search took too long and was ended: there may be more results after next or, without next, anywhere */
  partial?: boolean
}

export interface SearchPerson {
  /** address of the picture; may be empty */
  avatar: string
  /** account */
  id: string
  /** name to show */
  name: string
}

export interface SearchSections {
  files?: SearchListSearchFile
  groups?: SearchListOwnGroup
  messages?: SearchListSearchHit
  people?: SearchListPerson
}

export interface SecondStep {
  /** Unix milliseconds */
  expiresAt: number
  /** The person must have two-factor and has none: set it up with /api/sign-in/two-factor/begin and confirm. Otherwise send a code to /api/sign-in/two-factor */
  setUp: boolean
  /** For the second step. It is good once */
  ticket: string
}

export interface Session {
  /** Name of the application that it is valid with; empty: all */
  app: string
  /** Unix milliseconds */
  createdAt: number
  /** The session of the caller */
  current: boolean
  /** Name that the client or the browser sent, or the note of the issuer of the token */
  device: string
  /** Missing: does not expire */
  expiresAt?: number
  /** Time of the last use, to the minute; missing: never used */
  lastSeenAt?: number
  /** Names the log-in; not a secret */
  sessionId: string
}

export interface SetUpOpen {
  /** Minimum number of characters of a password */
  minPassword: number
  /** The first person can have a password */
  passwords: boolean
}

export interface SetUpSecret {
  /** The part of the link behind the # */
  secret: string
}

export interface SignInTicket {
  ticket: string
}

export interface SignInWithCode {
  code: string
  /** Name in the list of sessions; default: the name that the browser sends */
  device?: string
}

export interface SignInWithNewTwoFactor {
  code: string
  /** Name in the list of sessions; default: the name that the browser sends */
  device?: string
  ticket: string
}

export interface SignInWithPassword {
  /** Name in the list of sessions; default: the name that the browser sends */
  device?: string
  email: string
  password: string
}

export interface SignInWithTwoFactor {
  code: string
  /** Name in the list of sessions; default: the name that the browser sends */
  device?: string
  ticket: string
}

export interface SignedInBody {
  account?: Person
  /** Unix milliseconds; missing: never */
  expiresAt?: number
  /** Names the log-in; not a secret */
  sessionId?: string
  /** The access token, for sockets, history and this API. It is shown only once */
  token?: string
  /** The sign-in needs a second step. The other fields are missing */
  twoFactor?: SecondStep
}

export interface Ticketed {
  /** Each signs in once in place of a code of the app. They are shown only once */
  recoveryCodes: string[]
  signIn: SignedInBody
}

export interface TwoFactorCode {
  code: string
}

export interface TwoFactorSecret {
  /** For an authenticator app, to be typed. Base32; SHA-1, six digits, 30 seconds */
  secret: string
  /** For a QR code */
  uri: string
}

export interface TwoFactorState {
  on: boolean
  /** The caller has a password, with which a change can be proven */
  password: boolean
  /** How many are left */
  recoveryCodes: number
  /** It cannot be turned off */
  required: boolean
  /** Unix milliseconds; missing: it is off */
  since?: number
}

export interface UnreadPlace {
  /** When that message was sent, in Unix milliseconds */
  at?: number
  /** How many messages are unread */
  count: number
  /** The oldest unread message; missing if nothing is unread */
  first?: string
}

export interface Webhook {
  /** Address of a picture, or empty */
  avatar: string
  /** Account of its messages */
  bot: string
  createdAt: number
  /** Empty if a host system has made it */
  creatorName: string
  id: string
  /** Of the bot */
  name: string
  /** Requests need a signature, made with the secret */
  signed: boolean
  /** Time of the latest message, to the minute; missing if there was none */
  usedAt?: number
}

export interface WebhookPatch {
  /** Key of an image that the caller has uploaded; empty removes the picture */
  avatarKey?: string
  name?: string
  /** True: makes a new secret, which is in the answer, and requests need a signature from then on; false: they need none */
  signed?: boolean
}

/**
 * The client API: what an operation takes as its query and as its body, and what it gives.
 * undefined: it takes none; void: what it gives is not read.
 */
export interface ClientApi {
  /** Get the configuration for clients */
  'GET /api/config': {
    query: undefined
    body: undefined
    result: ClientConfig
  }
  /** Confirm a change of an e-mail address */
  'POST /api/confirm-email': {
    query: undefined
    body: EmailChangeSecret
    result: void
  }
  /** Look at a change of an e-mail address */
  'POST /api/confirm-email/check': {
    query: undefined
    body: EmailChangeSecret
    result: EmailChange
  }
  /** Get new addresses of files */
  'POST /api/files/links': {
    query: undefined
    body: FileLinksRequest
    result: ClientListFileLink
  }
  /** List sent and received friend requests */
  'GET /api/friend-requests': {
    query: {
      /** The next of the previous page; empty for the first page */
      next?: string
      /** How many, at most 100 */
      limit?: number
    }
    body: undefined
    result: ClientListFriendRequest
  }
  /** Send a friend request */
  'POST /api/friend-requests': {
    query: undefined
    body: NewFriendRequest
    result: FriendRequest
  }
  /** Take a friend request back */
  'DELETE /api/friend-requests/{request}': {
    query: undefined
    body: undefined
    result: void
  }
  /** Accept a friend request */
  'POST /api/friend-requests/{request}/accept': {
    query: undefined
    body: undefined
    result: FriendRequest
  }
  /** Decline a friend request */
  'POST /api/friend-requests/{request}/decline': {
    query: undefined
    body: undefined
    result: FriendRequest
  }
  /** End a friendship */
  'DELETE /api/friends/{person}': {
    query: undefined
    body: undefined
    result: void
  }
  /** List the members that represent groups without a picture */
  'GET /api/group-faces': {
    query: {
      /** Ids of groups; may be given several times */
      group: string[]
    }
    body: undefined
    result: ClientListGroupFaces
  }
  /** List the groups of the caller */
  'GET /api/groups': {
    query: {
      /** Part of the name */
      query?: string
      /** The next of the previous page; empty for the first page */
      next?: string
      /** How many, at most 100 */
      limit?: number
    }
    body: undefined
    result: ClientListOwnGroup
  }
  /** Create a group or a discussion */
  'POST /api/groups': {
    query: undefined
    body: NewOwnGroup
    result: OwnGroup
  }
  /** Get a group of the caller */
  'GET /api/groups/{group}': {
    query: undefined
    body: undefined
    result: OwnGroup
  }
  /** Change a group, or the caller's setting for it */
  'PATCH /api/groups/{group}': {
    query: undefined
    body: OwnGroupPatch
    result: OwnGroup
  }
  /** Dissolve a group */
  'DELETE /api/groups/{group}': {
    query: undefined
    body: undefined
    result: void
  }
  /** Make a member an administrator */
  'PUT /api/groups/{group}/admins/{person}': {
    query: undefined
    body: undefined
    result: void
  }
  /** Make an administrator an ordinary member */
  'DELETE /api/groups/{group}/admins/{person}': {
    query: undefined
    body: undefined
    result: void
  }
  /** Leave a group */
  'POST /api/groups/{group}/leave': {
    query: undefined
    body: undefined
    result: void
  }
  /** List the members of a group */
  'GET /api/groups/{group}/members': {
    query: {
      /** Parts of the name or of an address that the caller may see, or the spelling of the name in pinyin */
      query?: string
      /** The next of the previous page; empty for the first page */
      next?: string
      /** How many, at most 100 */
      limit?: number
    }
    body: undefined
    result: ClientListPersonInGroup
  }
  /** Add contacts to a group */
  'POST /api/groups/{group}/members': {
    query: undefined
    body: BroughtIn
    result: ClientListPersonInGroup
  }
  /** Remove a member of a group */
  'DELETE /api/groups/{group}/members/{person}': {
    query: undefined
    body: undefined
    result: void
  }
  /** List the incoming webhooks of a group */
  'GET /api/groups/{group}/webhooks': {
    query: undefined
    body: undefined
    result: ClientListWebhook
  }
  /** Make an incoming webhook */
  'POST /api/groups/{group}/webhooks': {
    query: undefined
    body: NewWebhook
    result: IssuedWebhook
  }
  /** Change an incoming webhook */
  'PATCH /api/groups/{group}/webhooks/{webhook}': {
    query: undefined
    body: WebhookPatch
    result: IssuedWebhook
  }
  /** Remove an incoming webhook */
  'DELETE /api/groups/{group}/webhooks/{webhook}': {
    query: undefined
    body: undefined
    result: void
  }
  /** Give an incoming webhook another address */
  'POST /api/groups/{group}/webhooks/{webhook}/rotate': {
    query: undefined
    body: undefined
    result: IssuedWebhook
  }
  /** List the notifications of an inbox */
  'GET /api/inboxes/{category}': {
    query: {
      /** The next of the previous page; empty for the first page */
      before?: number
      /** How many, at most 100 */
      limit?: number
    }
    body: undefined
    result: ClientListNotice
  }
  /** List the invitations, newest first */
  'GET /api/invitations': {
    query: {
      /** The next of the previous page; empty for the first page */
      next?: string
      /** How many, at most 100 */
      limit?: number
    }
    body: undefined
    result: ClientListInvitation
  }
  /** Invite people */
  'POST /api/invitations': {
    query: undefined
    body: NewInvitation
    result: IssuedInvitation
  }
  /** Make an account by an invitation */
  'POST /api/invitations/accept': {
    query: undefined
    body: Newcomer
    result: SignedInBody
  }
  /** Join by an invitation */
  'POST /api/invitations/join': {
    query: undefined
    body: InvitationSecret
    result: OpenInvitation
  }
  /** Look at an invitation */
  'POST /api/invitations/open': {
    query: undefined
    body: InvitationSecret
    result: OpenInvitation
  }
  /** Revoke an invitation */
  'DELETE /api/invitations/{invitation}': {
    query: undefined
    body: undefined
    result: void
  }
  /** Get the account that is signed in */
  'GET /api/me': {
    query: undefined
    body: undefined
    result: Myself
  }
  /** Change the name, picture, language, time zone, read marks or activity of the caller */
  'PATCH /api/me': {
    query: undefined
    body: MePatch
    result: Myself
  }
  /** Ask for another e-mail address of the caller */
  'POST /api/me/email': {
    query: undefined
    body: RequestEmailChange
    result: void
  }
  /** Set the password of the caller */
  'PUT /api/me/password': {
    query: undefined
    body: ChangePassword
    result: void
  }
  /** Get the state of the caller's two-factor */
  'GET /api/me/two-factor': {
    query: undefined
    body: undefined
    result: TwoFactorState
  }
  /** Get a secret for an authenticator app */
  'POST /api/me/two-factor/begin': {
    query: undefined
    body: Proof
    result: TwoFactorSecret
  }
  /** Turn two-factor on */
  'POST /api/me/two-factor/confirm': {
    query: undefined
    body: TwoFactorCode
    result: RecoveryCodes
  }
  /** Turn two-factor off */
  'POST /api/me/two-factor/off': {
    query: undefined
    body: Proof
    result: void
  }
  /** Get new recovery codes */
  'POST /api/me/two-factor/recovery-codes': {
    query: undefined
    body: Proof
    result: RecoveryCodes
  }
  /** List the contacts of the caller */
  'GET /api/people': {
    query: {
      /** Parts of name or address, or the spelling of a name in pinyin: zhangsan, zs and 三 find 张三 */
      query?: string
      /** Only members of this organization, which must be one of the caller's */
      organization?: string
      /** Only friends */
      friends?: boolean
      /** Number of entries to skip */
      offset?: number
      /** The next of the previous page, instead of offset */
      next?: number
      /** How many, at most 100 */
      limit?: number
    }
    body: undefined
    result: DirectoryAnswer
  }
  /** Get the profile of a person */
  'GET /api/people/{person}': {
    query: undefined
    body: undefined
    result: Profile
  }
  /** Search messages, people, groups and files */
  'GET /api/search': {
    query: {
      /** Words in any order; the last one may be the beginning of a word. Words in quotation marks stand beside each other. Can be omitted in a search of messages and files with a filter */
      query?: string
      /** What to search; can occur several times. Default: all four; without query: messages and files */
      in?: ('messages' | 'people' | 'groups' | 'files')[] | null
      /** Type of chat: 1 user, 2 group */
      type?: number
      /** Messages and files: only of the chat with this account, or of this group */
      chat?: string
      /** Messages and files: only those from this account */
      from?: string
      /** Messages and files: not older, in Unix milliseconds */
      since?: number
      /** Messages and files: older than this, in Unix milliseconds */
      until?: number
      /** Messages and files: only of this type of message; can occur several times. A file is an image, file or video */
      kind?: ('text' | 'image' | 'voice' | 'file' | 'card' | 'location' | 'video')[] | null
      /** Messages and files: only with a web address in the text, or cards with one */
      link?: boolean
      /** The next of the previous page; only for a search with one value of in */
      next?: string
      /** How many; at most 100 are given, and at most 5 of each where several things are searched */
      limit?: number
    }
    body: undefined
    result: SearchSections | SearchListSearchHit | SearchListPerson | SearchListOwnGroup | SearchListSearchFile
  }
  /** List the sessions of the account */
  'GET /api/sessions': {
    query: undefined
    body: undefined
    result: ClientListSession
  }
  /** Sign out all other sessions */
  'DELETE /api/sessions': {
    query: undefined
    body: undefined
    result: void
  }
  /** Sign out another session */
  'DELETE /api/sessions/{session}': {
    query: undefined
    body: undefined
    result: void
  }
  /** Set up the server */
  'POST /api/set-up': {
    query: undefined
    body: Installation
    result: Installed
  }
  /** Ask whether the server can be set up */
  'POST /api/set-up/check': {
    query: undefined
    body: SetUpSecret
    result: SetUpOpen
  }
  /** Sign in with a code */
  'POST /api/sign-in/code': {
    query: undefined
    body: SignInWithCode
    result: SignedInBody
  }
  /** Send a sign-in link by mail */
  'POST /api/sign-in/link': {
    query: undefined
    body: MailSignInLink
    result: void
  }
  /** Sign in with a provider */
  'GET /api/sign-in/oidc/{provider}': {
    query: undefined
    body: undefined
    result: void
  }
  /** Accept an invitation with a provider */
  'POST /api/sign-in/oidc/{provider}': {
    query: undefined
    body: InvitationSecret
    result: InvitedSignIn
  }
  /** Come back from a provider */
  'GET /api/sign-in/oidc/{provider}/callback': {
    query: {
      code?: string
      state?: string
      /** Of the provider, if it sends this (RFC 9207) */
      iss?: string
      error?: string
    }
    body: undefined
    result: void
  }
  /** Sign in with an e-mail address and a password */
  'POST /api/sign-in/password': {
    query: undefined
    body: SignInWithPassword
    result: SignedInBody
  }
  /** Finish a sign-in with a code */
  'POST /api/sign-in/two-factor': {
    query: undefined
    body: SignInWithTwoFactor
    result: SignedInBody
  }
  /** Get a secret for an authenticator app at the sign-in */
  'POST /api/sign-in/two-factor/begin': {
    query: undefined
    body: SignInTicket
    result: TwoFactorSecret
  }
  /** Turn two-factor on and finish the sign-in */
  'POST /api/sign-in/two-factor/confirm': {
    query: undefined
    body: SignInWithNewTwoFactor
    result: Ticketed
  }
  /** Sign out */
  'POST /api/sign-out': {
    query: undefined
    body: undefined
    result: void
  }
  /** Find the first unread message of a chat */
  'GET /api/unread': {
    query: {
      /** 1 user, 2 group */
      type: number
      /** Account, group, or file-transfer */
      chat: string
    }
    body: undefined
    result: UnreadPlace
  }
}
