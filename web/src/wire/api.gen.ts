// Made from internal/rest by go generate. Do not edit.

export interface BroughtIn {
  /** Contacts of the caller */
  members: string[]
}

export interface ChangePassword {
  /** The current password; it may be missing if there is none, and after a sign-in within the last minutes */
  current?: string
  password: string
}

export interface ClientConfig {
  /** Key of the application that the web client is */
  app: string
  /** Where the history lies */
  historyPath: string
  limits: ClientLimits
  /** Origins, beside the server's own, from which a client may load pictures, sound and films: exact, with a * for the first part of the host, or * for all. Of other places it shows a link, because loading would tell them who reads and when */
  pictureOrigins: string[]
  server: ClientServer
  signIn: ClientSignIn
  /** Path that sockets connect to */
  socketPath: string
  uploads: ClientUploads
}

export interface ClientLimits {
  announcement: number
  file: number
  image: number
  name: number
  /** Characters that a password has at least */
  password: number
  /** Between two shakes of the same person */
  shakeSeconds: number
  text: number
  /** Chats on top */
  top: number
  video: number
  voice: number
  /** How long one's own message can be taken back */
  withdrawSeconds: number
}

export interface ClientListFileLink {
  items: FileLink[]
  /** What to give as next for the following page; missing at the end */
  next?: string
}

export interface ClientListFriendRequest {
  items: FriendRequest[]
  /** What to give as next for the following page; missing at the end */
  next?: string
}

export interface ClientListNotice {
  items: Notice[]
  /** What to give as next for the following page; missing at the end */
  next?: string
}

export interface ClientListOwnGroup {
  items: OwnGroup[]
  /** What to give as next for the following page; missing at the end */
  next?: string
}

export interface ClientListPersonInGroup {
  items: PersonInGroup[]
  /** What to give as next for the following page; missing at the end */
  next?: string
}

export interface ClientListSession {
  items: Session[]
  /** What to give as next for the following page; missing at the end */
  next?: string
}

export interface ClientProvider {
  id: string
  /** What stands on the button */
  name: string
}

export interface ClientServer {
  /** Language of system messages */
  language: 'en' | 'zh'
  name: string
  /** What that zone is ahead of UTC at this moment */
  timeOffsetMinutes: number
  /** Zone of the time strings in pushes and history: an IANA name, or Local where only the offset is known */
  timeZone: string
  version: string
}

export interface ClientSignIn {
  /** With a code or link, which the company's own systems hand out */
  code: boolean
  /** Begin at /api/sign-in/oidc/{id} */
  oidc: ClientProvider[]
  password: boolean
}

export interface ClientUploads {
  /** Where the form is sent */
  address: string
  kind: 'disk' | 'qiniu' | 's3'
}

export interface DirectoryAnswer {
  items: Person[]
  /** What to give as next for the following page; missing at the end */
  next?: string
  /** Of the whole list, with its first page: how many stand under each letter, in order */
  sections?: DirectorySection[]
}

export interface DirectorySection {
  count: number
  /** A to Z, or # */
  initial: string
}

export interface FileLink {
  /** Until then, in Unix milliseconds */
  expiresAt: number
  /** The message */
  message: string
  /** Where its file can be fetched; with &size=thumb or &size=preview smaller, with &download to be saved */
  url: string
}

export interface FileLinksRequest {
  /** Ids of messages */
  messages: string[]
}

export interface FriendRequest {
  /** When it was made */
  at: number
  from: Person
  id: string
  message: string
  state: 'waiting' | 'accepted' | 'declined'
  to: Person
}

export interface MePatch {
  /** Key of an image that one has uploaded; empty takes the picture away */
  avatarKey?: string
  name?: string
}

export interface Myself {
  /** False: they cannot sign in */
  active: boolean
  /** Address of a picture, or empty */
  avatar: string
  /** Empty where there is none */
  email: string
  /** Until then, in Unix milliseconds, the sign-in of this session is proof enough to set a password; missing: it is not */
  freshUntil?: number
  /** Whether one can sign in with a password */
  hasPassword: boolean
  id: string
  /** Under which letter a directory lists the name: A to Z, or # */
  initial: string
  /** Whether the caller may write to them */
  isContact: boolean
  isFriend: boolean
  name: string
  organizations: Named[]
  /** Of the log-in that asks */
  sessionId: string
}

export interface Named {
  id: string
  name: string
}

export interface NewFriendRequest {
  /** Instead of to */
  email?: string
  /** Who one is, and why */
  message?: string
  /** Id of an account */
  to?: string
}

export interface NewOwnGroup {
  /** A long-lived group, which needs a name; false: an ad-hoc discussion */
  isPost?: boolean
  /** The others: contacts of the caller, who need not be named */
  members: string[]
  name?: string
}

export interface Notice {
  at: number
  /** What it is about; may be empty */
  entityId: string
  id: string
  /** Who or what it comes from; may be empty */
  name: string
  text: string
  /** What happened; 0 (I was mentioned) and 1 (somebody replied to me) light a badge */
  type: string
  unread: boolean
  /** What a click opens; may be empty */
  url: string
  /** Counted apart */
  weak: boolean
}

export interface OwnGroup {
  announcement: string
  /** Address of a picture, or empty */
  avatar: string
  /** Only administrators may speak */
  banned: boolean
  createdAt: number
  creator: string
  id: string
  /** A long-lived group of an organization; false: an ad-hoc discussion */
  isPost: boolean
  /** The caller's own setting; false: muted */
  isPush: boolean
  /** How many */
  members: number
  /** Every member may add others; false: administrators only */
  membersInvite: boolean
  name: string
  /** The caller's; a creator is admin */
  role: 'member' | 'admin'
}

export interface OwnGroupPatch {
  announcement?: string
  /** Key of an image that one has uploaded; empty takes the picture away */
  avatarKey?: string
  /** Only administrators may speak */
  banned?: boolean
  /** Makes a discussion a group; there is no way back */
  isPost?: boolean
  /** One's own setting; false: muted */
  isPush?: boolean
  /** Every member may add others; false: administrators only */
  membersInvite?: boolean
  name?: string
}

export interface Person {
  /** False: they cannot sign in */
  active: boolean
  /** Address of a picture, or empty */
  avatar: string
  /** Empty where there is none */
  email: string
  id: string
  /** Under which letter a directory lists the name: A to Z, or # */
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
  /** False: they cannot sign in */
  active: boolean
  /** Address of a picture, or empty */
  avatar: string
  /** Empty where there is none */
  email: string
  /** At most 100 */
  groupsInCommon: Named[]
  id: string
  /** Under which letter a directory lists the name: A to Z, or # */
  initial: string
  /** Whether the caller may write to them */
  isContact: boolean
  isFriend: boolean
  name: string
  /** Of others: those that both are in */
  organizations: Named[]
  /** A friend request that waits: for their answer, or for the caller's */
  request?: 'sent' | 'received'
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
  /** What to give as next for the following page; missing at the end */
  next?: string
  /** The search took too long and was ended: there may be more behind next, or where that is missing, anywhere */
  partial?: boolean
}

export interface SearchListPerson {
  items: Person[]
  /** What to give as next for the following page; missing at the end */
  next?: string
  /** The search took too long and was ended: there may be more behind next, or where that is missing, anywhere */
  partial?: boolean
}

export interface SearchListSearchFile {
  items: SearchFile[]
  /** What to give as next for the following page; missing at the end */
  next?: string
  /** The search took too long and was ended: there may be more behind next, or where that is missing, anywhere */
  partial?: boolean
}

export interface SearchListSearchHit {
  items: SearchHit[]
  /** What to give as next for the following page; missing at the end */
  next?: string
  /** The search took too long and was ended: there may be more behind next, or where that is missing, anywhere */
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

export interface Session {
  /** Name of the application that it is good with; empty: any */
  app: string
  /** Unix milliseconds */
  createdAt: number
  /** The one that asks */
  current: boolean
  /** What the client or the browser called itself, or the note of whoever issued the token */
  device: string
  /** Missing: does not expire */
  expiresAt?: number
  /** When it was last used, to the minute; missing: never */
  lastSeenAt?: number
  /** Names the log-in; not a secret */
  sessionId: string
}

export interface SignInWithCode {
  code: string
  /** What to call it in the list of sessions; missing: as the browser calls itself */
  device?: string
}

export interface SignInWithPassword {
  /** What to call it in the list of sessions; missing: as the browser calls itself */
  device?: string
  email: string
  password: string
}

export interface SignedInBody {
  account: Person
  /** Unix milliseconds; missing: never */
  expiresAt?: number
  /** Names the log-in; not a secret */
  sessionId: string
  /** The access token, for sockets, history and this API. It is shown this once */
  token: string
}

export interface UnreadPlace {
  /** How many messages are unread */
  count: number
  /** The oldest of them; missing if nothing is unread */
  first?: string
}

/**
 * The client API: what an operation takes as its query and as its body, and what it gives.
 * undefined: it takes none; void: what it gives is not read.
 */
export interface ClientApi {
  /** What a client must know before it signs in */
  'GET /api/config': {
    query: undefined
    body: undefined
    result: ClientConfig
  }
  /** New addresses of files */
  'POST /api/files/links': {
    query: undefined
    body: FileLinksRequest
    result: ClientListFileLink
  }
  /** List what one has asked and was asked */
  'GET /api/friend-requests': {
    query: {
      /** The next of the page before; nothing for the first page */
      next?: string
      /** How many; at most 100 are given */
      limit?: number
    }
    body: undefined
    result: ClientListFriendRequest
  }
  /** Ask somebody to be a friend */
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
  /** List one's groups */
  'GET /api/groups': {
    query: {
      /** Part of the name */
      query?: string
      /** The next of the page before; nothing for the first page */
      next?: string
      /** How many; at most 100 are given */
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
  /** Look at one of one's groups */
  'GET /api/groups/{group}': {
    query: undefined
    body: undefined
    result: OwnGroup
  }
  /** Change a group, or one's own setting for it */
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
  /** List the members of one of one's groups */
  'GET /api/groups/{group}/members': {
    query: {
      /** Parts of the name or of an address that the caller may see, or how the name is spelled */
      query?: string
      /** The next of the page before; nothing for the first page */
      next?: string
      /** How many; at most 100 are given */
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
  /** Remove somebody from a group */
  'DELETE /api/groups/{group}/members/{person}': {
    query: undefined
    body: undefined
    result: void
  }
  /** Read back through an inbox */
  'GET /api/inboxes/{category}': {
    query: {
      /** The next of the page before; nothing for the first page */
      before?: number
      /** How many; at most 100 are given */
      limit?: number
    }
    body: undefined
    result: ClientListNotice
  }
  /** Who is signed in */
  'GET /api/me': {
    query: undefined
    body: undefined
    result: Myself
  }
  /** Change one's name or picture */
  'PATCH /api/me': {
    query: undefined
    body: MePatch
    result: Myself
  }
  /** Set one's own password */
  'PUT /api/me/password': {
    query: undefined
    body: ChangePassword
    result: void
  }
  /** List the people one may write to */
  'GET /api/people': {
    query: {
      /** Parts of name or address, or how a name is spelled: zhangsan, zs and 三 find 张三 */
      query?: string
      /** Only members of this one of the caller's organizations */
      organization?: string
      /** Only friends */
      friends?: boolean
      /** How many to leave out */
      offset?: number
      /** The next of the page before, in place of offset */
      next?: number
      /** How many; at most 100 are given */
      limit?: number
    }
    body: undefined
    result: DirectoryAnswer
  }
  /** Look at somebody's profile */
  'GET /api/people/{person}': {
    query: undefined
    body: undefined
    result: Profile
  }
  /** Search messages, people, groups and files */
  'GET /api/search': {
    query: {
      /** Words in any order; the last one may be the beginning of a word. Words in quotation marks stand beside each other */
      query: string
      /** What to search; may be given several times. Nothing: all four */
      in?: ('messages' | 'people' | 'groups' | 'files')[] | null
      /** Of chat: 1 user, 2 group */
      type?: number
      /** Messages and files: only of the chat with this account, or of this group */
      chat?: string
      /** Messages and files: only what this account has sent */
      from?: string
      /** Messages and files: not older, in Unix milliseconds */
      since?: number
      /** Messages and files: older than this, in Unix milliseconds */
      until?: number
      /** The next of the page before, of a search of one thing */
      next?: string
      /** How many; at most 100 are given, and at most 5 of each where several things are searched */
      limit?: number
    }
    body: undefined
    result: SearchSections | SearchListSearchHit | SearchListPerson | SearchListOwnGroup | SearchListSearchFile
  }
  /** List where the account is signed in */
  'GET /api/sessions': {
    query: undefined
    body: undefined
    result: ClientListSession
  }
  /** Sign out everywhere else */
  'DELETE /api/sessions': {
    query: undefined
    body: undefined
    result: void
  }
  /** Sign out elsewhere */
  'DELETE /api/sessions/{session}': {
    query: undefined
    body: undefined
    result: void
  }
  /** Sign in with a code */
  'POST /api/sign-in/code': {
    query: undefined
    body: SignInWithCode
    result: SignedInBody
  }
  /** Sign in with a provider */
  'GET /api/sign-in/oidc/{provider}': {
    query: undefined
    body: undefined
    result: void
  }
  /** Come back from a provider */
  'GET /api/sign-in/oidc/{provider}/callback': {
    query: {
      code?: string
      state?: string
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
