// Made from internal/wire by go generate. Do not edit.

/** Of a chat: 1 user, 2 group, 3 to 10 an inbox, 100 public account. */
export type SessionType = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 100

/** The name of an inbox. */
export type Category = 'system' | 'post' | 'calendar' | 'task' | 'knowledge' | 'hr' | 'worksheet' | 'workflow'

export interface AllUnread {
  /** chats and inbox together */
  count: number
  /** the part of count in muted chats and inboxes */
  notPush: number
}

export interface App {
  /** id of the application */
  appid: string
  /** its name */
  name: string
  /** its address; may be empty */
  url: string
}

export interface AtMessage {
  /** message */
  msgid: string
  /** author */
  from: string
  /** time */
  time: string
  /** the same time in Unix milliseconds */
  ts: number
}

export interface Availability {
  /** account */
  id: string
  /** online, away (connected, but not used for some time) or offline; absent: it is not told */
  state?: string
  /** when it is offline: hour, day, week or month: it was online within the last one; long: before; absent: it is not known */
  seen?: string
  /** what the account says about itself; absent: nothing */
  status?: Status
}

export interface AvailabilityList {
  /** the accounts, once each */
  users: Availability[]
}

export interface Body {
  /** text; for a withdrawn message, the notice that replaces it */
  con: string
  /** the file */
  files?: Files
}

export interface CanAddMember {
  /** group */
  gid: string
  /** every member can add others */
  can: boolean
}

export interface Card {
  /** first line */
  title: string
  /** object of a built-in application: task, calendar, post, vote, kcfile, kcfolder */
  md?: string
  /** second line */
  text?: string
  /** full address that opens on a click */
  url: string
  /** picture, for applications that are not built in */
  pic?: string
  /** id of the object in its application */
  entityid?: string
}

export interface ChatRow {
  /** 1 user, 2 group, 3 to 10 an inbox */
  type: SessionType
  /** account, group or inbox name */
  value: string
  /** the last message; for an inbox, the last notification */
  id: string
  /** name to show */
  name: string
  /** picture to show */
  logo: string
  /** the last message as one line; if its author has withdrawn it, a notice without the author's name, because clients put the name before it */
  msg: Line
  /** type of the last message */
  msg_type?: number
  /** inboxes only: id of the last message of any chat before the last notification. It tells the place of the inbox among the chats */
  after?: string
  /** time of the last message */
  time: string
  /** time of the message, in Unix milliseconds */
  ts: number
  /** sender of the last message. Absent for an inbox, because clients take a row with this field for the chat of a person or a group */
  from?: ChatRowFrom
  /** unread count */
  count: number
  /** false: muted; for an inbox, silenced */
  isPush: boolean
  /** a group of an organization */
  isPost: boolean
  /** the last message is a system message */
  sysType?: number
  /** sys of the last message */
  sys?: Report
  /** name of the file of the last message */
  fileName?: string
  /** the last message was withdrawn */
  iswd?: boolean
  /** the administrator who withdrew it */
  wdAdminid?: string
  /** unread messages that mention the account */
  atlist: string[]
  /** the latest of these messages */
  at_msg?: AtMessage
  /** whether it is on top */
  top_info: TopInfo
  /** the person is still a contact, or the account is still a member; absent for an inbox */
  isContact?: boolean
  /** groups that the reader is no longer a member of: removed, left, dissolved, or ended if the server does not know */
  left?: string
  /** inboxes only: whether it is silenced */
  isSilent?: boolean
  /** unread weak notifications */
  weak_count?: number
  /** somebody has reacted to a message of the reader since the reader has last read the chat */
  reaction?: ReactionMark
  /** inboxes only: 1 while a notification of type 0 or 1 is unread, else 0 */
  showBadge?: number
}

export interface ChatRowFrom {
  /** account */
  id: string
  /** name to show */
  name: string
  /** address of the picture; may be empty */
  avatar: string
}

export interface ClearNotification {
  /** inbox name */
  type: string
  /** number of notifications that stay unread; 0 if absent */
  value?: number
  /** false: only notify the other devices of the account */
  clear: boolean
}

export interface ClearUnread {
  /** 1 user, 2 group */
  type: number
  /** account, group, or file-transfer */
  id: string
  /** read only up to and including this message of the chat; an extension of parley */
  msgid?: string
}

export interface ContactChanged {
  /** account; the receiver's own if it is the account that has changed */
  id: string
  /** name to show */
  name: string
  /** address of the picture; may be empty */
  avatar: string
  /** the account can write to this person; false for the own account */
  isContact: boolean
  /** a friend: a contact even without a common organization */
  isFriend: boolean
}

export interface CurrentChat {
  /** account, group, inbox name, or file-transfer */
  id: string
}

export interface Draft {
  /** 1 user, 2 group */
  type: SessionType
  /** account, file-transfer, or group */
  id: string
  /** text; empty if it was emptied or sent */
  msg: string
  /** message that it answers; it may be gone */
  refer?: string
  /** what the client that wrote it keeps with it */
  note?: string
  /** when it was written, in Unix milliseconds */
  time: number
}

export interface EditMessage {
  /** 1 user, 2 group */
  type: number
  /** account, group, or file-transfer */
  id: string
  /** a text message of the caller in this chat */
  messageId: string
  /** the new text, at most 20,480 UTF-16 units */
  msg: string
}

export interface Edited {
  /** the message */
  id: string
  /** the message as it is now */
  socket: UserMessage | GroupMessage
}

export type Empty = Record<string, never>

export interface File {
  /** download address; not needed with the key of a file that was uploaded here */
  url?: string
  /** the file's id */
  id?: string
  /** ignored: receivers see the sender of the message */
  aid?: string
  /** file type, a number that the clients define, in quotes or not */
  ft?: number | string
  /** the object's key, as given by upload token */
  key?: string
  /** the object's hash */
  hash?: string
  /** bytes */
  size?: number
  /** file name */
  name?: string
  /** seconds, for a voice message or video */
  len?: number
  /** pixels, for an image or video */
  width?: number
  /** pixels, for an image or video */
  height?: number
  /** whether it is a sticker */
  isEmotion?: boolean
}

export interface Files {
  /** the file's id */
  id?: string
  /** the object's key, as given by upload token */
  key?: string
  /** the object's hash */
  hash?: string
  /** bytes */
  size?: number
  /** file name */
  name?: string
  /** seconds, for a voice message or video */
  len?: number
  /** pixels, for an image or video */
  width?: number
  /** pixels, for an image or video */
  height?: number
  /** whether it is a sticker */
  isEmotion?: boolean
  /** download address. For a file on this server it is always a signed address of the server, which works for a limited time */
  url?: string
  /** sender of the message */
  aid: string
  /** file type; if the sender gave no number, 1 image, 2 attachment, 3 voice, 4 video */
  ft?: number
  /** only in the history: the reader has heard this voice message */
  read?: boolean
}

export interface FromAccount {
  /** account */
  id: string
  /** name to show */
  name: string
  /** address of the picture; may be empty */
  logo: string
}

export interface GroupAdmin {
  /** account of an administrator */
  aid: string
}

export interface GroupAdminAdded {
  /** the new administrator */
  addAid: string
  /** account that made the change */
  aid: string
  /** group */
  gid: string
}

export interface GroupAdminRemoved {
  /** the former administrator */
  removedAid: string
  /** acting account */
  aid: string
  /** group */
  gid: string
}

export interface GroupChanged {
  /** group */
  gid: string
  /** the group's name */
  name: string
  /** address of the group's picture; may be empty */
  avatar: string
  /** announcement above the conversation; may be empty */
  announcement: string
  /** true: a group of an organization; false: a discussion */
  isPost: boolean
  /** every member can add others */
  membersInvite: boolean
  /** only administrators may speak */
  banned: boolean
  /** creator, to whom the group belongs */
  creator: string
}

export interface GroupMemberAdded {
  /** group */
  id: string
  /** the group's name */
  name: string
  /** new members */
  users: GroupUser[]
}

export interface GroupMemberRemoved {
  /** group */
  id: string
  /** the group's name */
  name: string
  /** account that is no longer in the group */
  aid: string
}

export interface GroupMessage {
  /** message id */
  id: string
  /** sender */
  from: string
  /** the sender's name */
  uname: string
  /** the sender's picture */
  logo: string
  /** the sender is a bot, which writes for an incoming webhook */
  bot?: boolean
  /** receiving account, group, or file-transfer */
  to: string
  /** as in send message */
  type: number
  /** text and file */
  msg: Body
  /** the card, as sent */
  card?: Card
  /** the place, as sent */
  location?: Location
  /** application that the message was sent with; empty strings if there is none */
  app: App
  /** quoted message */
  refer?: Refer
  /** it was withdrawn */
  iswd?: boolean
  /** time at which it was stored; strictly increases within a chat */
  time: string
  /** time of the message in Unix milliseconds. It is the same as time, unless a burst of messages has moved time on */
  ts: number
  /** emoji on the message: that of most accounts first, then in the order of the code points */
  reactions?: Reaction[]
  /** when its text was last edited, in Unix milliseconds */
  edited?: number
  /** it is pinned in its chat */
  pinned?: boolean
  /** the group's name */
  groupname: string
  /** the group's picture */
  avatar: string
  /** false: the receiver has muted the group */
  isPush: boolean
  /** system messages only: 1 added, 2 removed, 3 renamed, 4 other */
  sysType?: number
  /** system messages that the server made: what they report. Absent for words of the host system and for messages from before this field */
  sys?: Report
}

export interface GroupRenamed {
  /** previous name */
  oldName: string
  /** new name */
  name: string
  /** group */
  gid: string
  /** acting account */
  user: RenamedBy
}

export interface GroupShake {
  /** group */
  gid: string
  /** mentioned members: a list of accounts, or all */
  toUser: string[] | 'all'
  /** the caller's message in this group that mentions them */
  messageId: string
}

export interface GroupShaken {
  /** account that wrote the mention */
  from: string
  /** group */
  gid: string
  /** the message with the mention */
  msg: ShakenBy
}

export interface GroupUnread {
  /** group */
  id: string
  /** number of unread messages */
  num: number
  /** false: muted */
  ispush: boolean
  /** the account was mentioned in an unread message */
  at: boolean
  /** the latest such message, a number */
  msgid?: number
  /** its time */
  time?: string
  /** its time in Unix milliseconds */
  ts?: number
}

export interface GroupUser {
  /** account */
  AccountID: string
  /** e-mail address; may be empty */
  Email: string
  /** name to show */
  Fullname: string
  /** address of the picture; may be empty */
  Avatar: string
}

export interface HistoryRow {
  /** the sender */
  fromAccount: FromAccount
  /** it was withdrawn; its text is then a notice */
  iswd: boolean
  /** the administrator who withdrew it */
  wdAdminid?: string
  /** only for messages of the reader */
  waitingid?: string
  /** only for messages of the reader: how many have read it. Absent if it has no read mark */
  readMark?: ReadCount
}

export interface HistoryTo {
  /** the group, for a message in a group */
  gid?: string
  /** the receiver, for a direct message; file-transfer for the chat with oneself */
  aid?: string
}

export interface InboxUnread {
  /** 3 to 10, of the inbox */
  type: SessionType
  /** inbox name */
  value: Category
  /** time of the latest notification */
  time: string
  /** the same time in Unix milliseconds */
  ts: number
  /** text of the latest notification */
  msg: Line
  /** unread notifications, without weak ones */
  count: number
  /** unread weak notifications */
  weak_count?: number
  /** whether it is silenced */
  isSilent: boolean
}

export interface Line {
  /** text */
  con: string
}

export interface Location {
  /** degrees of longitude */
  lng: number
  /** degrees of latitude */
  lat: number
  /** name of the place */
  title?: string
  /** postal address */
  address?: string
}

export interface Logout {
  /** the log-in that has ended: the id of its session or, for a client that connected with pss_id in the query or the cookie, that value */
  sessionId: string
}

export interface MarkUnread {
  /** 1 user, 2 group */
  type: number
  /** account, group, or file-transfer */
  id: string
  /** the first message that is unread afterwards */
  msgid: string
}

export interface MarkedUnread {
  /** 1 user, 2 group */
  type: SessionType
  /** account or group */
  id: string
  /** number of unread messages */
  num: number
  /** the account was mentioned in an unread message */
  at: boolean
  /** the latest such message, a number */
  msgid?: number
  /** its time */
  time?: string
  /** its time in Unix milliseconds */
  ts?: number
  /** the message from which on the account has marked the chat */
  fromid: string
  /** the latest message of the chat that num includes */
  lastid: string
}

export interface Message {
  /** message id */
  id: string
  /** sender */
  from: string
  /** the sender's name */
  uname: string
  /** the sender's picture */
  logo: string
  /** the sender is a bot, which writes for an incoming webhook */
  bot?: boolean
  /** receiving account, group, or file-transfer */
  to: string
  /** as in send message */
  type: number
  /** text and file */
  msg: Body
  /** the card, as sent */
  card?: Card
  /** the place, as sent */
  location?: Location
  /** application that the message was sent with; empty strings if there is none */
  app: App
  /** quoted message */
  refer?: Refer
  /** it was withdrawn */
  iswd?: boolean
  /** time at which it was stored; strictly increases within a chat */
  time: string
  /** time of the message in Unix milliseconds. It is the same as time, unless a burst of messages has moved time on */
  ts: number
  /** emoji on the message: that of most accounts first, then in the order of the code points */
  reactions?: Reaction[]
  /** when its text was last edited, in Unix milliseconds */
  edited?: number
  /** it is pinned in its chat */
  pinned?: boolean
}

export interface MessageEdited {
  /** the message */
  id: string
  /** its author */
  from: string
  /** in a direct chat: its receiver; file-transfer for the chat with oneself */
  to?: string
  /** in a group: the group */
  gid?: string
  /** the new text */
  msg: Line
  /** when it was edited, in Unix milliseconds */
  edited: number
}

export interface MessagePinned {
  /** the message */
  id: string
  /** author of the message */
  from: string
  /** in a direct chat: the receiver of the message; file-transfer for the chat with oneself */
  to?: string
  /** in a group: the group */
  gid?: string
  /** account that has made the change */
  by: Name
  /** false: it is no longer pinned */
  isPinned: boolean
  /** number of pinned messages of the chat afterwards */
  count: number
  /** the pinned message; absent if it is no longer pinned */
  pin?: Pin
}

export interface MessageReaction {
  /** the message */
  id: string
  /** author of the message */
  from: string
  /** in a direct chat: the receiver of the message; file-transfer for the chat with oneself */
  to?: string
  /** in a group: the group */
  gid?: string
  /** account that has put the emoji on the message, or removed it */
  by: Name
  /** false: the emoji was removed */
  isOn: boolean
  /** the emoji */
  emoji: string
  /** number of accounts that have it on the message now */
  count: number
  /** the first of them, at most three */
  users: Name[]
  /** the row of the chat in the chat list of the author has this reaction now */
  mark?: boolean
}

export interface MessageRevisions {
  /** 1 user, 2 group */
  type: number
  /** account, group, or file-transfer */
  id: string
  /** a message of this chat */
  messageId: string
}

export interface Name {
  /** account */
  id: string
  /** name to show */
  name: string
}

export interface NewGroup {
  /** group */
  id: string
  /** the group's name */
  name: string
  /** the group's picture */
  logo: string
  /** number of members */
  uCount: number
  /** its administrators, the creator among them */
  admins: GroupAdmin[]
  /** true: a group of an organization; false: a discussion */
  isPost: boolean
  /** creator */
  cuser: string
  /** false: muted */
  isPush: boolean
}

export interface NewHistory {
  /** sender of the message */
  from: Person
  /** chat of the message */
  to: HistoryTo
  /** the message as one line */
  message: string
}

export interface NewNotify {
  /** receiving account */
  aid: string
  /** type of the event, a word that the host system defines; or a number that lights a badge: 0 (the account was mentioned) or 1 (somebody replied to the account) */
  type: string | number
  /** inbox: 0 post, 1 system, 2 calendar, 3 task, 4 knowledge, 5 hr, 6 worksheet, 7 workflow */
  dtype: number
  /** text */
  msg: string
  /** name of the person or system that it comes from */
  name?: string
  /** weak: it is counted separately */
  weak?: boolean
  /** the receiver has silenced the inbox */
  isSilent: boolean
  /** address that opens on a click */
  url?: string
  /** id of the object that it is about */
  entityid?: string
  /** the notification's id */
  id: string
  /** time of arrival */
  time: string
  /** the same time in Unix milliseconds */
  ts: number
}

export interface NewSession {
  /** sender of the message */
  from: Person
  /** 1 user, 2 group */
  type: SessionType
  /** the message as one line */
  message: string
  /** account, group, or file-transfer */
  id: string
  /** name to show */
  name: string
  /** picture to show */
  logo: string
  /** false: the receiver has muted the direct chat; absent if it has not */
  isPush?: boolean
}

export interface NewWithdrawGroupMessage {
  /** the message */
  id: string
  /** group */
  gid: string
  /** account that withdrew it */
  from: string
  /** the notice */
  msg: Line
}

export interface NewWithdrawMessage {
  /** the message */
  id: string
  /** account that sent it */
  from: string
  /** receiving account; file-transfer for the chat with oneself */
  to: string
  /** the notice */
  msg: Line
}

export interface NotificationCleared {
  /** Unix seconds */
  time: number
  /** inbox name */
  type: Category
  /** number of notifications that stay unread */
  value: number
}

export interface Operator {
  /** account */
  accountId: string
  /** name to show */
  fullName: string
  /** address of the picture; may be empty */
  avatar: string
}

export interface Person {
  /** account */
  accountId: string
  /** name to show */
  fullname: string
  /** address of the picture; may be empty */
  avatar: string
}

export interface Pin {
  /** the message, in the form of a quoted message */
  message: Refer
  /** account that has pinned it */
  by: Name
  /** when, in Unix milliseconds */
  ts: number
}

export interface PinList {
  /** the pinned messages, the one that was pinned last first */
  pins: Pin[]
}

export interface PinnedMessages {
  /** 1 user, 2 group */
  type: number
  /** account, group, or file-transfer */
  id: string
}

export interface Reaction {
  /** the emoji, in its fully-qualified form */
  emoji: string
  /** number of accounts */
  count: number
  /** the reader is one of them */
  mine?: boolean
  /** the first accounts, at most three */
  users: Name[]
}

export interface ReactionMark {
  /** the message */
  msgid: string
  /** the emoji */
  emoji: string
  /** account that has reacted */
  by: Name
  /** when, in Unix milliseconds */
  ts: number
}

export interface ReactionsSet {
  /** the message */
  id: string
  /** all reactions to the message: that of most accounts first, then in the order of the code points */
  reactions: Reaction[]
}

export interface Reactor {
  /** account */
  id: string
  /** name to show */
  name: string
  /** address of the picture; may be empty */
  avatar: string
  /** when, in Unix milliseconds */
  ts: number
}

export interface ReactorList {
  /** the accounts, the first one first */
  users: Reactor[]
}

export interface Reactors {
  /** 1 user, 2 group */
  type: number
  /** account, group, or file-transfer */
  id: string
  /** a message of this chat */
  messageId: string
  /** the emoji */
  emoji: string
  /** number of accounts to skip */
  offset?: number
  /** at most so many accounts; 20 if absent */
  limit?: number
}

export interface ReadCount {
  /** number of accounts that have read it */
  read: number
  /** number of accounts that count */
  of: number
}

export interface ReadMark {
  /** the message */
  id: string
  /** number of accounts that have read it */
  read: number
  /** number of accounts that count; 0: the message has no read mark */
  of: number
}

export interface ReadMarkList {
  /** the read marks; messages without one are left out */
  marks: ReadMark[]
}

export interface ReadMarks {
  /** 1 user, 2 group */
  type: number
  /** account or group */
  id: string
  /** messages of this chat, at most 100 */
  messageIds: string[]
}

export interface ReadMarksChanged {
  /** 1 user, 2 group */
  type: SessionType
  /** account or group */
  id: string
  /** read marks of messages of the account, the oldest message first; some may be unchanged */
  marks: ReadMark[]
  /** read marks of older messages may have changed, too: the client requests those of the messages that it shows */
  more?: boolean
}

export interface Reader {
  /** account */
  id: string
  /** name to show */
  name: string
  /** address of the picture; may be empty */
  avatar: string
}

export interface ReaderList {
  /** number of accounts that have read it */
  read: number
  /** number of accounts that count; 0: the message has no read mark */
  of: number
  /** the accounts, in the order of a directory */
  users: Reader[]
}

export interface Readers {
  /** 1 user, 2 group */
  type: number
  /** account or group */
  id: string
  /** a message of the caller in this chat */
  messageId: string
  /** true: those who have read it; false: those who have not */
  read: boolean
  /** number of accounts to skip */
  offset?: number
  /** at most so many accounts; 20 if absent */
  limit?: number
}

export interface Refer {
  /** the quoted message */
  msgid: string
  /** text */
  msg: string
  /** its type, as in send message */
  type: number
  /** time of the message */
  time: string
  /** its ts */
  ts: number
  /** it was withdrawn later */
  iswd: boolean
  /** present if it has a file */
  msgdetail?: ReferDetail
  /** its card */
  card?: Card
  /** its location */
  location?: Location
  /** author */
  user: ReferUser
}

export interface ReferDetail {
  /** its file */
  files: Files
}

export interface ReferTo {
  /** a message of the same chat */
  msgid?: string
}

export interface ReferUser {
  /** account */
  id: string
  /** name to show */
  name: string
  /** address of the picture; may be empty */
  avatar: string
  /** the same as id */
  account_id: string
  /** the same as name */
  full_name: string
}

export interface RemoveSession {
  /** 1 user, 2 group, 3 to 10 an inbox, 100 public account */
  type: number
  /** account, group or inbox name; optional for an inbox */
  id?: string
}

export interface RemovedFromGroup {
  /** group */
  id: string
  /** the group's name */
  name: string
  /** removed, left or dissolved */
  how: string
}

export interface RenamedBy {
  /** account */
  id: string
  /** address of the picture; may be empty */
  logo: string
}

export interface Report {
  /** what happened: group created, members added, member removed, member left, group renamed, picture changed, announcement changed, discussion converted, invitation by members, invitation by administrators, administrator added, administrator removed, creator changed, speaking banned, speaking permitted, group dissolved, message pinned */
  kind: string
  /** account that did it; for creator changed, the new creator */
  by: ReportedUser
  /** accounts that were added, removed or made administrators; at most ten */
  users?: ReportedUser[]
  /** number of these accounts, including those that users does not list */
  total?: number
  /** group renamed: new name of the group */
  name?: string
  /** announcement changed: new announcement */
  text?: string
  /** message pinned: the message */
  msgid?: string
}

export interface ReportedUser {
  /** account */
  id: string
  /** name at that time */
  name: string
}

export interface Revision {
  /** text */
  con: string
  /** since when the message has or had it, in Unix milliseconds */
  ts: number
}

export interface RevisionList {
  /** the texts, oldest first; the last one is the present text */
  revisions: Revision[]
}

export interface SendGroupMessage {
  /** receiving group */
  togroup: string
  /** as in send message */
  msg?: string
  /** as in send message */
  type: number
  /** required with type 2, 3, 4 and 7; it then needs a url, a key or an id */
  file?: File
  /** required with type 5 */
  card?: Card
  /** required with type 6 */
  location?: Location
  /** message that is quoted */
  refer?: ReferTo
  /** as in send message */
  waitingid?: string
}

export interface SendMessage {
  /** receiving account, or file-transfer */
  touser: string
  /** text, at most 20,480 UTF-16 units; required with type 1 */
  msg?: string
  /** 1 text, 2 image, 3 voice, 4 attachment, 5 card, 6 location, 7 video */
  type: number
  /** required with type 2, 3, 4 and 7; it then needs a url, a key or an id */
  file?: File
  /** required with type 5 */
  card?: Card
  /** required with type 6 */
  location?: Location
  /** message that is quoted */
  refer?: ReferTo
  /** the client's own name for the message; a repetition with the same name returns the same message */
  waitingid?: string
}

export interface Sent {
  /** the message's id */
  id: string
  /** as it was sent */
  waitingid?: string
  /** the stored message, as others receive it */
  socket: UserMessage | GroupMessage
}

export interface Session {
  /** account, group, inbox name, or file-transfer */
  id: string
  /** 1 user, 2 group, 3 to 10 an inbox, 100 public account */
  type: SessionType
}

export interface SetAway {
  /** true: nobody has used this client for some time; false: it is used */
  isAway: boolean
}

export interface SetDraft {
  /** 1 user, 2 group */
  type: number
  /** account, file-transfer, or group */
  id: string
  /** text; empty if it was emptied or sent */
  msg?: string
  /** message that it answers */
  refer?: string
  /** anything that the client keeps with the text, for example whom it mentions; returned unchanged */
  note?: string
  /** how long ago it was written, in milliseconds */
  age?: number
}

export interface SetGroupNotice {
  /** group */
  gid: string
  /** account with this setting: the receiver */
  aid: string
  /** false: muted */
  isPush: boolean
}

export interface SetPin {
  /** 1 user, 2 group */
  type: number
  /** account, group, or file-transfer */
  id: string
  /** a message of this chat */
  messageId: string
  /** false: the message is no longer pinned */
  isPinned: boolean
}

export interface SetReaction {
  /** 1 user, 2 group */
  type: number
  /** account, group, or file-transfer */
  id: string
  /** a message of this chat */
  messageId: string
  /** exactly one emoji; skin tones and joined sequences are emoji of their own */
  emoji: string
  /** false: remove the emoji */
  isOn: boolean
}

export interface SetStatus {
  /** exactly one emoji; absent: none */
  emoji?: string
  /** one line of at most 100 UTF-16 units; absent: none */
  text?: string
  /** the account does not want to be disturbed */
  quiet?: boolean
  /** when it ends, in Unix milliseconds; absent: it has no end */
  until?: number
}

export interface SetUserNotice {
  /** the other account of the chat */
  aid: string
  /** false: muted */
  isPush: boolean
}

export interface Shake {
  /** account to shake */
  aid: string
  /** ignored */
  messageId?: string
}

export interface Shaken {
  /** account that shakes */
  aid: string
}

export interface ShakenBy {
  /** message */
  msgid: string
  /** time of the message */
  time: string
  /** the same time in Unix milliseconds */
  ts: number
}

export interface SilenceMessage {
  /** inbox, 3 to 10 */
  type: number
  /** ignored: the setting always is the caller's */
  AccountID?: string
  /** whether it is silenced from now on */
  isSilent: boolean
}

export interface Silenced {
  /** 3 to 10, of the inbox */
  type: SessionType
  /** inbox name */
  value: Category
  /** whether it is silenced */
  isSilent: boolean
  /** always 0 */
  showBadge: number
}

export interface SpeakBan {
  /** group */
  groupid: string
  /** acting account */
  operator: Operator
}

export interface Status {
  /** one emoji, in its fully-qualified form */
  emoji?: string
  /** one line */
  text?: string
  /** the account does not want to be disturbed */
  quiet?: boolean
  /** when it ends, in Unix milliseconds; it is then no longer shown, and no push follows. Absent: it has no end */
  until?: number
}

export interface Sticky {
  /** 1 user, 2 group, 3 to 10 an inbox */
  type: SessionType
  /** account, group or inbox name */
  value: string
  /** whether it is on top now */
  top_info: TopInfo
}

export interface StickyOnTop {
  /** 1 user, 2 group, 3 to 10 an inbox */
  type: number
  /** account, group or inbox name; optional for an inbox */
  value?: string
  /** whether it is on top from now on */
  isTop: boolean
}

export interface TopInfo {
  /** whether it is on top */
  isTop: boolean
  /** empty if it is not on top */
  time: string
}

export interface Typed {
  /** 1 user, 2 group */
  type: SessionType
  /** account or group */
  id: string
  /** account that writes */
  by: Name
  /** milliseconds after which it is no longer shown, unless the push comes again */
  stay: number
}

export interface Typing {
  /** 1 user, 2 group */
  type: number
  /** account, group, or file-transfer */
  id: string
}

export interface UnreadAgain {
  /** 1 user, 2 group */
  type: SessionType
  /** account or group */
  id: string
  /** number of unread messages */
  num: number
  /** the account was mentioned in an unread message */
  at: boolean
  /** the latest such message, a number */
  msgid?: number
  /** its time */
  time?: string
  /** its time in Unix milliseconds */
  ts?: number
}

export interface UnreadCount {
  /** direct chats that have unread messages */
  user: UserUnread[]
  /** groups that have unread messages */
  group: GroupUnread[]
  /** sum of all chats */
  num: number
  /** the part of num in muted chats */
  notPush: number
}

export interface UnreadLeft {
  /** 1 user, 2 group */
  type: SessionType
  /** account or group */
  id: string
  /** number of unread messages */
  num: number
  /** the account was mentioned in an unread message */
  at: boolean
  /** the latest such message, a number */
  msgid?: number
  /** its time */
  time?: string
  /** its time in Unix milliseconds */
  ts?: number
  /** everything up to and including this message is read */
  readid: string
  /** the latest message of the chat that num includes */
  lastid: string
}

export interface Upload {
  /** upload token, in the form of Qiniu */
  token: string
  /** <account>/<year>/<month>/<day>/<unique>[.ext] */
  key: string
  /** address for the POST request with the file; relative to the server's address if public-url is not set */
  address?: string
  /** maximum size of the file, in bytes */
  maxSize?: number
  /** size of the parts for larger files; absent: send in one piece */
  chunkSize?: number
  /** fields of the form, instead of token and key, if the storage service needs others; the file follows them */
  fields?: Record<string, string>
}

export interface UploadToken {
  /** 1 image, 2 attachment, 3 voice, 4 video */
  type: number
  /** extension of the file's name, with or without a dot */
  ext?: string
}

export interface UserMessage {
  /** message id */
  id: string
  /** sender */
  from: string
  /** the sender's name */
  uname: string
  /** the sender's picture */
  logo: string
  /** the sender is a bot, which writes for an incoming webhook */
  bot?: boolean
  /** receiving account, group, or file-transfer */
  to: string
  /** as in send message */
  type: number
  /** text and file */
  msg: Body
  /** the card, as sent */
  card?: Card
  /** the place, as sent */
  location?: Location
  /** application that the message was sent with; empty strings if there is none */
  app: App
  /** quoted message */
  refer?: Refer
  /** it was withdrawn */
  iswd?: boolean
  /** time at which it was stored; strictly increases within a chat */
  time: string
  /** time of the message in Unix milliseconds. It is the same as time, unless a burst of messages has moved time on */
  ts: number
  /** emoji on the message: that of most accounts first, then in the order of the code points */
  reactions?: Reaction[]
  /** when its text was last edited, in Unix milliseconds */
  edited?: number
  /** it is pinned in its chat */
  pinned?: boolean
  /** system messages only: 4 other */
  sysType?: number
  /** system messages only: what they report */
  sys?: Report
}

export interface UserUnread {
  /** the other account of the chat */
  id: string
  /** number of unread messages */
  num: number
  /** false: muted; absent if it is not */
  ispush?: boolean
}

export interface VoiceAsRead {
  /** voice message that was heard */
  messageId: string
}

export interface VoiceRead {
  /** the voice message */
  messageId: string
}

export interface WatchAvailability {
  /** accounts that the client shows, at most 200; they replace those of the last request. An empty list ends the pushes */
  ids: string[]
}

export interface WithdrawGroupMessage {
  /** message to withdraw */
  messageId: string
  /** the group */
  groupid: string
}

export interface WithdrawMessage {
  /** message to withdraw */
  messageId: string
  /** the other account of the chat */
  touser: string
}

export interface Withdrawn {
  /** the message */
  id: string
  /** as it was sent */
  waitingid?: string
  /** the message as it is now */
  socket: WithdrawnSocket
}

export interface WithdrawnSocket {
  /** the message */
  id: string
  /** the notice */
  msg: Line
}

/** An entry of GET /messages and its relatives. */
export type UserHistoryRow = UserMessage & HistoryRow

/** An entry of GET /group_messages and its relatives. */
export type GroupHistoryRow = GroupMessage & HistoryRow

/** What a client may ask, by the event's name, and what it is answered. */
export interface Requests {
  /** Sets the current chat of this socket: its messages are read when they arrive. The result is 0 if there is no such chat. */
  'current chat': { payload: CurrentChat; result: 0 | 1 }
  /** Ends the current chat of this socket. */
  'clear chat': { payload: Empty; result: 1 }
  /** Relays an object unchanged to the caller's other sockets of kind web. */
  'operate': { payload: Record<string, unknown>; result: 1 }
  /** Sends a message to another account or to the caller's own. */
  'send message': { payload: SendMessage; result: Sent }
  /** Sends a message to a group. */
  'send group message': { payload: SendGroupMessage; result: Sent }
  /** Withdraws a message to an account. */
  'withdraw user message': { payload: WithdrawMessage; result: Withdrawn }
  /** Withdraws a message to a group. */
  'withdraw group message': { payload: WithdrawGroupMessage; result: Withdrawn }
  /** Replaces the text of an own message. */
  'edit message': { payload: EditMessage; result: Edited }
  /** Lists the texts of an edited message. */
  'message revisions': { payload: MessageRevisions; result: RevisionList }
  /** Puts an emoji on a message, or removes it. */
  'set reaction': { payload: SetReaction; result: ReactionsSet }
  /** Lists the accounts that have put an emoji on a message. */
  'reaction users': { payload: Reactors; result: ReactorList }
  /** Pins or unpins a message in its chat. */
  'set pin': { payload: SetPin; result: MessagePinned }
  /** Lists the pinned messages of a chat. */
  'pinned messages': { payload: PinnedMessages; result: PinList }
  /** Returns the read marks of messages of the caller. */
  'read marks': { payload: ReadMarks; result: ReadMarkList }
  /** Lists the accounts that have read a message of the caller, or that have not. */
  'message readers': { payload: Readers; result: ReaderList }
  /** Tells those who look at a chat that the caller writes a message in it. */
  'typing': { payload: Typing; result: 1 }
  /** Returns whether contacts are online and what they say about themselves, and has this socket told when that changes. Accounts that are neither contacts nor the caller are left out. */
  'watch availability': { payload: WatchAvailability; result: AvailabilityList }
  /** Sets what the caller says about itself. Without fields, it says nothing any more. */
  'set status': { payload: SetStatus; result: Status }
  /** Tells that this client is not used at the moment, or is used again. */
  'set away': { payload: SetAway; result: 1 }
  /** Marks a voice message as heard. */
  'voice as read': { payload: VoiceAsRead; result: 1 }
  /** Returns the unread count of every chat with unread messages. */
  'unread count': { payload: Empty; result: UnreadCount }
  /** Returns the total unread count of chats and inboxes. */
  'all unread': { payload: Empty; result: AllUnread }
  /** Lists the inboxes with unread notifications, newest first. */
  'inbox unread': { payload: Empty; result: InboxUnread[] }
  /** Marks a chat as read, to its end or up to a message. */
  'clear unread': { payload: ClearUnread; result: 1 }
  /** Marks the messages of a chat from one of them on as unread. */
  'mark unread': { payload: MarkUnread; result: MarkedUnread }
  /** Marks every chat and inbox as read. */
  'clear all unread': { payload: Empty; result: 1 }
  /** Marks an inbox as read, except the newest notifications. */
  'clear notification': { payload: ClearNotification; result: 1 }
  /** Removes a chat from the list until a new message arrives in it. */
  'remove session': { payload: RemoveSession; result: 1 }
  /** Puts a chat on top of the list, or back into the list. */
  'sticky on top': { payload: StickyOnTop; result: 1 }
  /** Mutes or unmutes a direct chat. */
  'set user notice': { payload: SetUserNotice; result: 1 }
  /** Silences an inbox, or ends that. */
  'silence message': { payload: SilenceMessage; result: 1 }
  /** Stores the draft of a chat, unless the stored draft is newer. The result is the draft that is stored afterwards. */
  'set draft': { payload: SetDraft; result: Draft }
  /** Lists the drafts of the account, the newest first. */
  'drafts': { payload: Empty; result: Draft[] }
  /** Shakes the window of another account, at most once in three seconds. */
  'shake shake': { payload: Shake; result: 1 }
  /** Mentions members of a group, after the message that names them. */
  'group shake': { payload: GroupShake; result: 1 }
  /** Returns a token to upload one file. */
  'upload token': { payload: UploadToken; result: Upload }
}

/** What the server says unasked, by the event's name. */
export interface Pushes {
  /** There is a new message between two accounts. Sent to every socket of both, except the sending one. */
  'new message': UserMessage
  /** There is a new message in a group. Sent to every socket of the members, except the sending one. */
  'new group message': GroupMessage
  /** A chat enters the account's list. Sent to every socket of the account, the acting one too, before the message. */
  'new session': NewSession
  /** The entry of a chat in the list changes. Sent to every socket that gets the message, after the message. */
  'new history': NewHistory
  /** A message between two accounts was withdrawn. Sent to every socket of both, except the acting one. */
  'new withdraw usermessage': NewWithdrawMessage
  /** A message in a group was withdrawn. Sent to every socket of the members, except the acting one. */
  'new withdraw groupmessage': NewWithdrawGroupMessage
  /** A message has another text. Sent to every socket of both, or of every member of the group, except the acting one. */
  'message edited': MessageEdited
  /** Somebody has put an emoji on a message, or removed it. Sent to every socket of both, or of every member of the group, except the acting one. */
  'message reaction': MessageReaction
  /** A message was pinned in its chat, or is no longer pinned. Sent to every socket of both, or of every member of the group, except the acting one. */
  'message pinned': MessagePinned
  /** Other people have read messages of the account, or messages are unread again. Sent to the sockets of the account whose current chat it is, a few times a second at most. */
  'read marks': ReadMarksChanged
  /** Somebody writes a message in a chat. Sent to the sockets of the others whose current chat it is, at most once in three seconds for each account that writes. */
  'typing': Typed
  /** Contacts are online or not any more, say something else about themselves, or are no contacts any more. Sent to the sockets that watch them, with some seconds between two pushes to a socket. A socket that watches its own account is told of that, too. */
  'availability': AvailabilityList
  /** The account has heard a voice message. Sent to its other sockets. */
  'voice as read': VoiceRead
  /** The account has read a chat. Sent to its other sockets; if the chat was read as a current chat, to the sockets with another current chat. */
  'clear unread': Session
  /** The account has marked messages of a chat as unread. Sent to its other sockets. */
  'mark unread': MarkedUnread
  /** Messages that were read only because the chat was the current chat of a socket are unread again, because the connection of that socket was dead. Sent to every socket of the account. */
  'unread again': UnreadAgain
  /** The account has read a chat up to a message. Sent to every socket of the account, the acting one too. If nothing is left, its other sockets get "clear unread" as well. */
  'unread left': UnreadLeft
  /** The account has read everything. Sent to every socket of the account, the acting one too. */
  'clear all unread': Empty
  /** The account has removed a chat from its list. Sent to every socket of the account, the acting one too. */
  'session removed': Session
  /** The account has put a chat on top of its list, or back into the list. Sent to every socket of the account, the acting one too. */
  'new sticky on top': Sticky
  /** The account has written, emptied or sent the draft of a chat. Sent to its other sockets. */
  'draft changed': Draft
  /** Another web socket of the account has relayed an object. Sent to the other sockets of the account. */
  'operate': Record<string, unknown>
  /** Somebody shakes the account's window. Sent to every socket of the account. */
  'shake shake': Shaken
  /** Somebody mentions the account in a group. Sent to every socket of the mentioned members, never to the author. */
  'group shake': GroupShaken
  /** The account is now a member of a group. Sent to every socket of the new members, including the creator. */
  'new group': NewGroup
  /** The group has new members. Sent to every socket of the previous members. */
  'group member added': GroupMemberAdded
  /** Somebody is no longer in the group. Sent to every socket of the remaining members. */
  'group member removed': GroupMemberRemoved
  /** The account is no longer in the group: sent to every socket of the account. Or the group was dissolved: sent to every socket of every member. */
  'removed from group': RemovedFromGroup
  /** The group has a new name. Sent to every socket of every member. */
  'group renamed': GroupRenamed
  /** The group has a new administrator. Sent to every socket of every member. */
  'group admin added': GroupAdminAdded
  /** A member is no longer an administrator of the group. Sent to every socket of every member. */
  'group admin removed': GroupAdminRemoved
  /** The account has muted or unmuted a group. Sent to every socket of the account. */
  'set group notice': SetGroupNotice
  /** The account has muted or unmuted a direct chat. Sent to every socket of the account, the acting one too. */
  'set user notice': SetUserNotice
  /** From now on only administrators can speak in the group. Sent to every socket of every member. */
  'ban speak': SpeakBan
  /** Everybody can speak in the group again. Sent to every socket of every member. */
  'permit speak': SpeakBan
  /** The permission to add members to the group has changed. Sent to every socket of every member. */
  'can add member': CanAddMember
  /** The group has a new picture, announcement, kind or creator. Sent to every socket of every member. */
  'group changed': GroupChanged
  /** A friend has a new name or picture, was deactivated or activated, or a friendship begins or ends; a member of a common chat was erased; or the account itself has a new name, picture or e-mail address, or begins or stops hiding its reading or its activity. Sent to every socket of the account. */
  'contact changed': ContactChanged
  /** A notification arrives in an inbox. Sent to every socket of the account. */
  'new notify': NewNotify
  /** The account has read an inbox. Sent to its other sockets. */
  'clear notification': NotificationCleared
  /** The account has silenced an inbox, or ended that. Sent to every socket of the account, the acting one too. */
  'new silence message': Silenced
  /** The log-in has ended. Sent to the sockets of that log-in; their connections are closed after it. */
  'logout message': Logout
}

/** What a request may be refused with, beside texts that begin with `invalid payload: `. */
export type Refusal =
  | 'not my contract'
  | 'removeit'
  | 'not in group'
  | 'group not found'
  | 'from user not found'
  | 'ban speak'
  | 'message not found'
  | 'message too long'
  | 'withdraw expired'
  | 'edit expired'
  | 'too many reactions'
  | 'too many pins'
  | 'forbidden'
  | 'too many requests'
  | 'unknown event'
  | 'database error'
  | 'database err'
  | 'internal error'

/** What a connection may be refused with. */
export type LoginRefusal =
  | 'token required'
  | 'invalid token'
  | 'token expired'
  | 'app required'
  | 'invalid app'
  | 'credentials disagree'
  | 'too many requests'
  | 'too many connections'
  | 'internal error'
