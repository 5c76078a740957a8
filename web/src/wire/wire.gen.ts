// Made from internal/wire by go generate. Do not edit.

/** Of a chat: 1 user, 2 group, 3 to 10 an inbox, 100 public account. */
export type SessionType = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 100

/** The name of an inbox. */
export type Category = 'system' | 'post' | 'calendar' | 'task' | 'knowledge' | 'hr' | 'worksheet' | 'workflow'

export interface AllUnread {
  /** chats and inbox together */
  count: number
  /** the part of count in muted groups and inboxes */
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
  /** who wrote it */
  from: string
  /** when */
  time: string
  /** the same in Unix milliseconds */
  ts: number
}

export interface Body {
  /** text; of a withdrawn message the notice that replaces it */
  con: string
  /** the file */
  files?: Files
}

export interface CanAddMember {
  /** group */
  gid: string
  /** every member may add others */
  can: boolean
}

export interface Card {
  /** first line */
  title: string
  /** what a built-in application shows: task, calendar, post, vote, kcfile, kcfolder */
  md?: string
  /** second line */
  text?: string
  /** full address that a click opens */
  url: string
  /** picture, of applications that are not built in */
  pic?: string
  /** id of the thing in its application */
  entityid?: string
}

export interface ChatRow {
  /** 1 user, 2 group, 3 to 10 an inbox */
  type: SessionType
  /** account, group or inbox name */
  value: string
  /** the last message; of an inbox, the last notification */
  id: string
  /** name to show */
  name: string
  /** picture to show */
  logo: string
  /** the last message as one line; if its author has withdrawn it, a notice without the author's name, because clients put the name before it */
  msg: Line
  /** type of the last message */
  msg_type?: number
  /** of the last message */
  time: string
  /** when it was sent, in Unix milliseconds */
  ts: number
  /** who sent the last message; absent in an inbox: clients take a row that has it for a person's or a group's */
  from?: ChatRowFrom
  /** unread */
  count: number
  /** false: muted; of an inbox, quiet */
  isPush: boolean
  /** a group of an organization */
  isPost: boolean
  /** the last message is a system message */
  sysType?: number
  /** the last message was withdrawn */
  iswd?: boolean
  /** by this administrator */
  wdAdminid?: string
  /** unread messages that mention me */
  atlist: string[]
  /** the latest of them */
  at_msg?: AtMessage
  /** whether it is on top */
  top_info: TopInfo
  /** still a contact, still a member; absent in an inbox */
  isContact?: boolean
  /** inboxes only: whether it is quiet */
  isSilent?: boolean
  /** unread weak notifications */
  weak_count?: number
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
  /** how many stay unread; 0 when absent */
  value?: number
  /** false: only tell my other devices */
  clear: boolean
}

export interface ClearUnread {
  /** 1 user, 2 group */
  type: number
  /** account, group, or file-transfer */
  id: string
  /** read up to and with this message only, a message of the chat; ours */
  msgid?: string
}

export interface ContactChanged {
  /** account; the receiver's own, when it is they who look otherwise */
  id: string
  /** name to show */
  name: string
  /** address of the picture; may be empty */
  avatar: string
  /** can be written to; of oneself false */
  isContact: boolean
  /** a friend, who is a contact also without a common organization */
  isFriend: boolean
}

export interface CurrentChat {
  /** account, group, inbox name, or file-transfer */
  id: string
}

export type Empty = Record<string, never>

export interface File {
  /** where it can be fetched; not needed with the key of a file that was uploaded here */
  url?: string
  /** the file's id */
  id?: string
  /** ignored: receivers see the sender of the message */
  aid?: string
  /** file type, a number of the clients' own, in quotes or not */
  ft?: number | string
  /** the object's key, as given by upload token */
  key?: string
  /** the object's hash */
  hash?: string
  /** bytes */
  size?: number
  /** file name */
  name?: string
  /** seconds, of a voice message or video */
  len?: number
  /** points, of an image or video */
  width?: number
  /** points, of an image or video */
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
  /** seconds, of a voice message or video */
  len?: number
  /** points, of an image or video */
  width?: number
  /** points, of an image or video */
  height?: number
  /** whether it is a sticker */
  isEmotion?: boolean
  /** where it can be fetched. For a file that this server keeps it is always a signed address of the server, which works for a while */
  url?: string
  /** who sent the message */
  aid: string
  /** file type; where the sender gave no number, 1 image, 2 attachment, 3 voice, 4 video */
  ft?: number
  /** in history: a voice message that the reader has heard */
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
  /** who made them one */
  aid: string
  /** group */
  gid: string
}

export interface GroupAdminRemoved {
  /** no longer an administrator */
  removedAid: string
  /** who did it */
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
  /** what stands above the conversation; may be empty */
  announcement: string
  /** true: a group of an organization; false: a discussion */
  isPost: boolean
  /** every member may add others */
  membersInvite: boolean
  /** only administrators may speak */
  banned: boolean
  /** whose group it is */
  creator: string
}

export interface GroupMemberAdded {
  /** group */
  id: string
  /** the group's name */
  name: string
  /** who was added */
  users: GroupUser[]
}

export interface GroupMemberRemoved {
  /** group */
  id: string
  /** the group's name */
  name: string
  /** who is no longer in it */
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
  /** application that it came through; empty strings when there is none */
  app: App
  /** quoted message */
  refer?: Refer
  /** it was withdrawn */
  iswd?: boolean
  /** when it was stored; strictly increases within a chat */
  time: string
  /** when it was sent, in Unix milliseconds: time, unless a clock that was ahead has left later times before it */
  ts: number
  /** the group's name */
  groupname: string
  /** the group's picture */
  avatar: string
  /** false: the receiver has muted the group */
  isPush: boolean
  /** system messages only: 1 added, 2 removed, 3 renamed, 4 other */
  sysType?: number
}

export interface GroupRenamed {
  /** name until now */
  oldName: string
  /** name from now on */
  name: string
  /** group */
  gid: string
  /** who did it */
  user: RenamedBy
}

export interface GroupShake {
  /** group */
  gid: string
  /** who is meant: a list of accounts, or all */
  toUser: string[] | 'all'
  /** one's own message in that group, which mentions them */
  messageId: string
}

export interface GroupShaken {
  /** who mentioned you */
  from: string
  /** group */
  gid: string
  /** the message that mentions */
  msg: ShakenBy
}

export interface GroupUnread {
  /** group */
  id: string
  /** how many are unread */
  num: number
  /** false: muted */
  ispush: boolean
  /** somebody has mentioned me since I read */
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
  /** address of mail; may be empty */
  Email: string
  /** name to show */
  Fullname: string
  /** address of the picture; may be empty */
  Avatar: string
}

export interface HistoryRow {
  /** the sender */
  fromAccount: FromAccount
  /** it was withdrawn; its text is a notice then */
  iswd: boolean
  /** by this administrator */
  wdAdminid?: string
  /** of the reader's own messages */
  waitingid?: string
}

export interface HistoryTo {
  /** the group, of a message in a group */
  gid?: string
  /** the recipient, of any other; file-transfer for the chat with oneself */
  aid?: string
}

export interface InboxUnread {
  /** 3 to 10, of the inbox */
  type: SessionType
  /** inbox name */
  value: Category
  /** of the latest notification */
  time: string
  /** the same in Unix milliseconds */
  ts: number
  /** text of the latest notification */
  msg: Line
  /** unread, without the weak ones */
  count: number
  /** unread weak ones */
  weak_count?: number
  /** whether it is quiet */
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
  /** the log-in that has ended: its session's id or, for a client that came with pss_id in the query or the cookie, that value */
  sessionId: string
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
  /** application that it came through; empty strings when there is none */
  app: App
  /** quoted message */
  refer?: Refer
  /** it was withdrawn */
  iswd?: boolean
  /** when it was stored; strictly increases within a chat */
  time: string
  /** when it was sent, in Unix milliseconds: time, unless a clock that was ahead has left later times before it */
  ts: number
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
  /** who created it */
  cuser: string
  /** false: muted */
  isPush: boolean
}

export interface NewHistory {
  /** who sent the message */
  from: Person
  /** where the message was sent */
  to: HistoryTo
  /** the message as one line */
  message: string
}

export interface NewNotify {
  /** who gets it */
  aid: string
  /** what happened, a word of the host system; or the number 0 (I was mentioned) or 1 (somebody replied to me), which light a badge */
  type: string | number
  /** inbox: 0 post, 1 system, 2 calendar, 3 task, 4 knowledge, 5 hr, 6 worksheet, 7 workflow */
  dtype: number
  /** text */
  msg: string
  /** who or what it comes from */
  name?: string
  /** counted apart */
  weak?: boolean
  /** the receiver has silenced the inbox */
  isSilent: boolean
  /** address that a click opens */
  url?: string
  /** id of what it is about */
  entityid?: string
  /** the notification's id */
  id: string
  /** when it came */
  time: string
  /** the same in Unix milliseconds */
  ts: number
}

export interface NewSession {
  /** who sent the message */
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
}

export interface NewWithdrawGroupMessage {
  /** the message */
  id: string
  /** group */
  gid: string
  /** who withdrew it */
  from: string
  /** the notice */
  msg: Line
}

export interface NewWithdrawMessage {
  /** the message */
  id: string
  /** who had sent it */
  from: string
  /** to whom it was sent; file-transfer for the chat with oneself */
  to: string
  /** the notice */
  msg: Line
}

export interface NotificationCleared {
  /** Unix seconds */
  time: number
  /** inbox name */
  type: Category
  /** how many stay unread */
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

export interface Refer {
  /** the quoted message */
  msgid: string
  /** text */
  msg: string
  /** its type, as in send message */
  type: number
  /** when it was sent */
  time: string
  /** its ts */
  ts: number
  /** it was withdrawn since */
  iswd: boolean
  /** there when it has a file */
  msgdetail?: ReferDetail
  /** its card */
  card?: Card
  /** its place */
  location?: Location
  /** who wrote it */
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
  /** account, group or inbox name; an inbox needs none */
  id?: string
}

export interface RemovedFromGroup {
  /** group */
  id: string
  /** the group's name */
  name: string
}

export interface RenamedBy {
  /** account */
  id: string
  /** address of the picture; may be empty */
  logo: string
}

export interface SendGroupMessage {
  /** group that gets it */
  togroup: string
  /** as in send message */
  msg?: string
  /** as in send message */
  type: number
  /** required with type 2, 3, 4 and 7, and then with a url, a key or an id */
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
  /** account that gets it, or file-transfer */
  touser: string
  /** text, at most 20,480 UTF-16 units; required with type 1 */
  msg?: string
  /** 1 text, 2 image, 3 voice, 4 attachment, 5 card, 6 location, 7 video */
  type: number
  /** required with type 2, 3, 4 and 7, and then with a url, a key or an id */
  file?: File
  /** required with type 5 */
  card?: Card
  /** required with type 6 */
  location?: Location
  /** message that is quoted */
  refer?: ReferTo
  /** the client's own name for the message: the same one again gives the same message */
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

export interface SetGroupNotice {
  /** group */
  gid: string
  /** whose setting it is: the receiver */
  aid: string
  /** false: muted */
  isPush: boolean
}

export interface Shake {
  /** who is shaken */
  aid: string
  /** ignored */
  messageId?: string
}

export interface Shaken {
  /** who shook */
  aid: string
}

export interface ShakenBy {
  /** message */
  msgid: string
  /** when it was sent */
  time: string
  /** the same in Unix milliseconds */
  ts: number
}

export interface SilenceMessage {
  /** inbox, 3 to 10 */
  type: number
  /** ignored: the setting is the caller's */
  AccountID?: string
  /** whether it stays quiet */
  isSilent: boolean
}

export interface Silenced {
  /** 3 to 10, of the inbox */
  type: SessionType
  /** inbox name */
  value: Category
  /** whether it is quiet */
  isSilent: boolean
  /** always 0 */
  showBadge: number
}

export interface SpeakBan {
  /** group */
  groupid: string
  /** who did it */
  operator: Operator
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
  /** account, group or inbox name; an inbox needs none */
  value?: string
  /** whether it stays on top */
  isTop: boolean
}

export interface TopInfo {
  /** whether it is on top */
  isTop: boolean
  /** empty when it is not on top */
  time: string
}

export interface UnreadAgain {
  /** 1 user, 2 group */
  type: SessionType
  /** account or group */
  id: string
  /** how many are unread */
  num: number
  /** somebody has mentioned me since I read */
  at: boolean
  /** the latest such message, a number */
  msgid?: number
  /** its time */
  time?: string
  /** its time in Unix milliseconds */
  ts?: number
}

export interface UnreadCount {
  /** direct chats with unread messages */
  user: UserUnread[]
  /** groups with unread messages */
  group: GroupUnread[]
  /** sum of all */
  num: number
  /** the part of num in muted groups */
  notPush: number
}

export interface UnreadLeft {
  /** 1 user, 2 group */
  type: SessionType
  /** account or group */
  id: string
  /** how many are unread */
  num: number
  /** somebody has mentioned me since I read */
  at: boolean
  /** the latest such message, a number */
  msgid?: number
  /** its time */
  time?: string
  /** its time in Unix milliseconds */
  ts?: number
  /** everything up to and with this message is read */
  readid: string
  /** the latest message of the chat, up to and with which num counts */
  lastid: string
}

export interface Upload {
  /** upload token of Qiniu's form */
  token: string
  /** <account>/<year>/<month>/<day>/<unique>[.ext] */
  key: string
  /** where to post the file; relative to the server where it has no public address */
  address?: string
  /** bytes that the file may have */
  maxSize?: number
  /** size of the parts in which to send what is larger; absent: in one piece */
  chunkSize?: number
  /** fields of the form, in place of token and key, where the storage service wants others; the file stands after them */
  fields?: Record<string, string>
}

export interface UploadToken {
  /** 1 image, 2 attachment, 3 voice, 4 video */
  type: number
  /** ending of the file's name, with or without a dot */
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
  /** application that it came through; empty strings when there is none */
  app: App
  /** quoted message */
  refer?: Refer
  /** it was withdrawn */
  iswd?: boolean
  /** when it was stored; strictly increases within a chat */
  time: string
  /** when it was sent, in Unix milliseconds: time, unless a clock that was ahead has left later times before it */
  ts: number
}

export interface UserUnread {
  /** the other one of the chat */
  id: string
  /** how many are unread */
  num: number
}

export interface VoiceAsRead {
  /** voice message that was heard */
  messageId: string
}

export interface VoiceRead {
  /** the voice message */
  messageId: string
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
  /** the other one of the chat */
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
  /** Says which chat this socket is looking at: its messages are read as they arrive. 0 when there is no such chat. */
  'current chat': { payload: CurrentChat; result: 0 | 1 }
  /** Says that this socket looks at no chat any more. */
  'clear chat': { payload: Empty; result: 1 }
  /** Relays an object to the caller's other web sockets as it is. */
  'operate': { payload: Record<string, unknown>; result: 1 }
  /** Sends a message to an account, or to oneself. */
  'send message': { payload: SendMessage; result: Sent }
  /** Sends a message to a group. */
  'send group message': { payload: SendGroupMessage; result: Sent }
  /** Takes back a message to an account. */
  'withdraw user message': { payload: WithdrawMessage; result: Withdrawn }
  /** Takes back a message to a group. */
  'withdraw group message': { payload: WithdrawGroupMessage; result: Withdrawn }
  /** Marks a voice message as heard. */
  'voice as read': { payload: VoiceAsRead; result: 1 }
  /** Counts the unread messages of every chat that has some. */
  'unread count': { payload: Empty; result: UnreadCount }
  /** Counts everything that is unread, chats and inbox together. */
  'all unread': { payload: Empty; result: AllUnread }
  /** Lists the inboxes with unread notifications, newest first. */
  'inbox unread': { payload: Empty; result: InboxUnread[] }
  /** Marks a chat as read, to its end or up to a message. */
  'clear unread': { payload: ClearUnread; result: 1 }
  /** Marks every chat and inbox as read. */
  'clear all unread': { payload: Empty; result: 1 }
  /** Marks an inbox as read, up to the newest few. */
  'clear notification': { payload: ClearNotification; result: 1 }
  /** Takes a chat off the list until something new arrives in it. */
  'remove session': { payload: RemoveSession; result: 1 }
  /** Keeps a chat on top of the list, or no longer. */
  'sticky on top': { payload: StickyOnTop; result: 1 }
  /** Keeps an inbox quiet, or no longer. */
  'silence message': { payload: SilenceMessage; result: 1 }
  /** Shakes the window of another account, once in three seconds. */
  'shake shake': { payload: Shake; result: 1 }
  /** Mentions members of a group, after the message that names them. */
  'group shake': { payload: GroupShake; result: 1 }
  /** Gives leave to upload one file. */
  'upload token': { payload: UploadToken; result: Upload }
}

/** What the server says unasked, by the event's name. */
export interface Pushes {
  /** A message between two accounts: to every socket of both but the one that sent it. */
  'new message': UserMessage
  /** A message in a group: to every socket of the members but the one that sent it. */
  'new group message': GroupMessage
  /** A chat enters the account's list: to every socket of the account, the acting one too, before the message that brings it. */
  'new session': NewSession
  /** The line of a chat in the list changes: to every socket that gets the message, after it. */
  'new history': NewHistory
  /** A message between two accounts was taken back: to every socket of both but the acting one. */
  'new withdraw usermessage': NewWithdrawMessage
  /** A message in a group was taken back: to every socket of the members but the acting one. */
  'new withdraw groupmessage': NewWithdrawGroupMessage
  /** The account has heard a voice message: to its other sockets. */
  'voice as read': VoiceRead
  /** The account has read a chat: to its other sockets; where it was read by looking at it, to those that look elsewhere. */
  'clear unread': Session
  /** Messages that were read in a chat only because a socket of the account looked at it are unread again, because that socket turns out to have been dead: to every socket of the account. */
  'unread again': UnreadAgain
  /** The account has read a chat up to a message: to every socket of it, the acting one too. Where nothing is left, its other sockets get "clear unread" as well. */
  'unread left': UnreadLeft
  /** The account has read everything: to every socket of it, the acting one too. */
  'clear all unread': Empty
  /** The account has taken a chat off its list: to every socket of it, the acting one too. */
  'session removed': Session
  /** The account has put a chat on top of its list, or taken it from there: to every socket of it, the acting one too. */
  'new sticky on top': Sticky
  /** What another web socket of the account has relayed: to its other sockets. */
  'operate': Record<string, unknown>
  /** Somebody shakes the account's window: to every socket of it. */
  'shake shake': Shaken
  /** Somebody mentions the account in a group: to every socket of those mentioned, never the mentioner's. */
  'group shake': GroupShaken
  /** The account is in a group from now on: to every socket of everybody added, the creator too. */
  'new group': NewGroup
  /** Others are in the group from now on: to every socket of those who were in it before. */
  'group member added': GroupMemberAdded
  /** Somebody is no longer in the group: to every socket of those who stay. */
  'group member removed': GroupMemberRemoved
  /** The account is no longer in the group: to every socket of it. Or the group is no more: to every socket of every member. */
  'removed from group': RemovedFromGroup
  /** The group has another name: to every socket of every member. */
  'group renamed': GroupRenamed
  /** The group has another administrator: to every socket of every member. */
  'group admin added': GroupAdminAdded
  /** The group has one administrator less: to every socket of every member. */
  'group admin removed': GroupAdminRemoved
  /** The account has muted a group, or no longer: to every socket of the account. */
  'set group notice': SetGroupNotice
  /** Only administrators may speak in the group from now on: to every socket of every member. */
  'ban speak': SpeakBan
  /** Everybody may speak in the group again: to every socket of every member. */
  'permit speak': SpeakBan
  /** Who may add members to the group has changed: to every socket of every member. */
  'can add member': CanAddMember
  /** The group has another picture, announcement, kind or creator: to every socket of every member. */
  'group changed': GroupChanged
  /** A friend has another name or picture, or can no longer sign in, or again; or a friendship begins or ends: to every socket of the account. Its own name or picture has changed: likewise. */
  'contact changed': ContactChanged
  /** A notification arrives in an inbox: to every socket of the account. */
  'new notify': NewNotify
  /** The account has read an inbox: to its other sockets. */
  'clear notification': NotificationCleared
  /** The account keeps an inbox quiet, or no longer: to every socket of it, the acting one too. */
  'new silence message': Silenced
  /** The log-in has ended: to the sockets of that log-in, whose connections close after it. */
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
