package chat

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
)

// AuditID identifies an entry of the audit log. Later entries have higher ids.
type AuditID int64

// AuditKind is the kind of an entry: a noun and, after a dot, the event.
type AuditKind string

// The kinds of entries. The comments name the details.
const (
	AuditSignIn               AuditKind = "sign-in"         // method
	AuditSignInRefused        AuditKind = "sign-in.refused" // method, refusal, count; the account if it is known
	AuditSessionEnded         AuditKind = "session.ended"   // session
	AuditSessionsEnded        AuditKind = "sessions.ended"  // kept, password
	AuditPasswordSet          AuditKind = "password.set"
	AuditPasswordRemoved      AuditKind = "password.removed"
	AuditCodeCreated          AuditKind = "code.created"     // reusable; a code to sign in
	AuditTwoFactorAsked       AuditKind = "two-factor.asked" // method: the first factor was right
	AuditTwoFactorOn          AuditKind = "two-factor.on"    // replaced: another app than before
	AuditTwoFactorOff         AuditKind = "two-factor.off"
	AuditTwoFactorReset       AuditKind = "two-factor.reset"              // by an administrator or the operator
	AuditRecoveryCodeUsed     AuditKind = "two-factor.recovery-code-used" // left
	AuditRecoveryCodesMade    AuditKind = "two-factor.recovery-codes-made"
	AuditTokenIssued          AuditKind = "token.issued"    // label
	AuditIdentityLinked       AuditKind = "identity.linked" // issuer
	AuditAccountCreated       AuditKind = "account.created"
	AuditAccountChanged       AuditKind = "account.changed" // fields
	AuditAccountDeactivated   AuditKind = "account.deactivated"
	AuditAccountReactivated   AuditKind = "account.reactivated"
	AuditFriendsMade          AuditKind = "friends.made"
	AuditFriendsEnded         AuditKind = "friends.ended"
	AuditRoleChanged          AuditKind = "role.changed" // from, to, organization
	AuditOrganizationMade     AuditKind = "organization.created"
	AuditOrganizationNamed    AuditKind = "organization.changed"
	AuditOrganizationGone     AuditKind = "organization.deleted"
	AuditOrganizationJoined   AuditKind = "organization.joined" // accounts
	AuditOrganizationLeft     AuditKind = "organization.left"
	AuditApplicationCreated   AuditKind = "application.created"
	AuditApplicationChanged   AuditKind = "application.changed" // change
	AuditApplicationDisabled  AuditKind = "application.disabled"
	AuditApplicationEnabled   AuditKind = "application.enabled"
	AuditSecretRotated        AuditKind = "application.secret-rotated"
	AuditSigningKeyRotated    AuditKind = "application.signing-key-rotated"
	AuditGroupCreated         AuditKind = "group.created" // accounts
	AuditGroupChanged         AuditKind = "group.changed" // fields
	AuditGroupDissolved       AuditKind = "group.dissolved"
	AuditGroupHandedOver      AuditKind = "group.handed-over" // from, to
	AuditMembersAdded         AuditKind = "group.members-added"
	AuditMemberRemoved        AuditKind = "group.member-removed"
	AuditMemberLeft           AuditKind = "group.member-left"
	AuditGroupAdmin           AuditKind = "group.administrator"         // account, administrator: true or false
	AuditWebhookCreated       AuditKind = "group.webhook-created"       // webhook, name
	AuditWebhookChanged       AuditKind = "group.webhook-changed"       // webhook, name, avatar, signed
	AuditWebhookRotated       AuditKind = "group.webhook-rotated"       // webhook, name
	AuditWebhookRemoved       AuditKind = "group.webhook-removed"       // webhook, name
	AuditSubscriptionCreated  AuditKind = "subscription.created"        // subscription, url, kinds; the target is the application
	AuditSubscriptionChanged  AuditKind = "subscription.changed"        // subscription, url, note, kinds, state
	AuditSubscriptionRotated  AuditKind = "subscription.secret-rotated" // subscription, url
	AuditSubscriptionStopped  AuditKind = "subscription.stopped"        // subscription, url, reason; by the server
	AuditSubscriptionReplayed AuditKind = "subscription.replayed"       // subscription, url; event or from
	AuditSubscriptionRemoved  AuditKind = "subscription.removed"        // subscription, url
	AuditLinkRequested        AuditKind = "sign-in.link-requested"      // by mail; without a target if nobody has the address
	AuditEmailRequested       AuditKind = "account.email-requested"     // email: the new address, before it is confirmed
	AuditSetUp                AuditKind = "server.set-up"
	AuditInvitationCreated    AuditKind = "invitation.created" // role, maxUses
	AuditInvitationRevoked    AuditKind = "invitation.revoked"
	AuditInvitationAccepted   AuditKind = "invitation.accepted"
	AuditInvitationRefused    AuditKind = "invitation.refused"    // refusal, state, count; the invitation if it is known
	AuditEmailRefused         AuditKind = "account.email-refused" // refusal, count: a link that confirms an e-mail address
	AuditSettingChanged       AuditKind = "setting.changed"       // from, to
	AuditRetentionChanged     AuditKind = "retention.changed"     // from, to: a number of days, forever or none
	AuditExported             AuditKind = "audit.exported"
	AuditDataExported         AuditKind = "data.exported" // messages
	AuditDataImported         AuditKind = "data.imported" // format, people, chats, messages, files
	AuditAccountErased        AuditKind = "account.erased"
	AuditHostCall             AuditKind = "host.call" // operation: any other one of the host API that changes something
)

// auditKinds are all kinds of entries.
var auditKinds = []AuditKind{
	AuditSignIn, AuditSignInRefused, AuditSessionEnded, AuditSessionsEnded, AuditPasswordSet,
	AuditPasswordRemoved, AuditCodeCreated, AuditTwoFactorAsked, AuditTwoFactorOn, AuditTwoFactorOff,
	AuditTwoFactorReset, AuditRecoveryCodeUsed, AuditRecoveryCodesMade, AuditTokenIssued, AuditIdentityLinked,
	AuditAccountCreated, AuditAccountChanged, AuditAccountDeactivated, AuditAccountReactivated, AuditFriendsMade,
	AuditFriendsEnded, AuditRoleChanged, AuditOrganizationMade, AuditOrganizationNamed, AuditOrganizationGone,
	AuditOrganizationJoined, AuditOrganizationLeft, AuditApplicationCreated, AuditApplicationChanged, AuditApplicationDisabled,
	AuditApplicationEnabled, AuditSecretRotated, AuditSigningKeyRotated, AuditGroupCreated, AuditGroupChanged,
	AuditGroupDissolved, AuditGroupHandedOver, AuditMembersAdded, AuditMemberRemoved, AuditMemberLeft,
	AuditGroupAdmin, AuditWebhookCreated, AuditWebhookChanged, AuditWebhookRotated, AuditWebhookRemoved, AuditLinkRequested, AuditEmailRequested, AuditSetUp, AuditInvitationCreated,
	AuditInvitationRevoked, AuditInvitationAccepted, AuditSettingChanged, AuditRetentionChanged, AuditExported, AuditHostCall,
	AuditSubscriptionCreated, AuditSubscriptionChanged, AuditSubscriptionRotated, AuditSubscriptionStopped, AuditSubscriptionReplayed, AuditSubscriptionRemoved,
	AuditDataExported, AuditDataImported, AuditAccountErased, AuditInvitationRefused, AuditEmailRefused,
}

// KnownAuditKind reports whether the kind exists. A kind that ends with a dot is a prefix: some kind must begin with it.
func KnownAuditKind(kind AuditKind) bool {
	return slices.ContainsFunc(auditKinds, func(k AuditKind) bool {
		return k == kind || strings.HasSuffix(string(kind), ".") && strings.HasPrefix(string(k), string(kind))
	})
}

// AuditTargetType is the kind of thing that an entry is about.
type AuditTargetType string

// The types of targets.
const (
	TargetAccount      AuditTargetType = "account"
	TargetGroup        AuditTargetType = "group"
	TargetOrganization AuditTargetType = "organization"
	TargetApplication  AuditTargetType = "application"
	TargetInvitation   AuditTargetType = "invitation"
	TargetSetting      AuditTargetType = "setting"
)

// AuditEntry is one line of the audit log. It never contains the text of a message, a
// password, a code or a token.
type AuditEntry struct {
	ID   AuditID
	At   time.Time
	Kind AuditKind

	Actor   AccountID // empty: a host system, the operator of the server, or nobody known
	App     AppID     // the application that the actor used, or the host system
	Session SessionID // of the actor
	Address string    // network address of the client
	Agent   string    // its User-Agent
	Request string    // id of the request, as in the log of a proxy

	TargetType AuditTargetType
	Target     string
	Detail     map[string]string
}

// Origin is where a request comes from, for the audit log.
type Origin struct {
	Account   AccountID // that is logged in; empty: a host system, or not logged in
	App       AppID
	Session   SessionID
	Address   string
	Agent     string
	Request   string
	Operation string // of the host API, if it changes something; such a call always leaves an entry
	Path      string // of the request, if Operation is set
}

type originKey struct{}

// WithOrigin returns a context that names the source of a request to the audit log.
func WithOrigin(ctx context.Context, o Origin) context.Context {
	return context.WithValue(ctx, originKey{}, &o)
}

// OriginOf returns the source of the request. It is zero for the operator.
func OriginOf(ctx context.Context) Origin {
	if o, ok := ctx.Value(originKey{}).(*Origin); ok {
		return *o
	}
	return Origin{}
}

// The longest texts from a client that the log keeps, in bytes.
const (
	maxAuditAgent  = 256
	maxAuditDetail = 1024
)

// commandAgent begins the agent of the operator's commands.
const commandAgent = "parley "

// OperatorOrigin returns the source of a command of the operator. The audit log has its name, without its arguments.
func OperatorOrigin(command string) Origin { return Origin{Agent: commandAgent + command} }

// byOperator reports whether a command of the operator made the entry. A client can choose its agent,
// but a request over the network always has an address.
func (e AuditEntry) byOperator() bool {
	return e.Actor == "" && e.App == "" && e.Address == "" && strings.HasPrefix(e.Agent, commandAgent)
}

// record adds an entry in the transaction of the change. If the entry has no actor, application or
// session, it gets those of the request.
func (s *Service) record(ctx context.Context, tx Tx, e AuditEntry) error {
	o := OriginOf(ctx)
	e.At = s.now()
	setDefault(&e.Actor, o.Account)
	setDefault(&e.App, o.App)
	setDefault(&e.Session, o.Session)
	e.Address, e.Agent, e.Request = cutBytes(o.Address, maxAuditAgent), cutBytes(o.Agent, maxAuditAgent), cutBytes(o.Request, maxID)
	for key, value := range e.Detail {
		e.Detail[key] = cutBytes(value, maxAuditDetail)
	}
	return tx.AddAudit(e)
}

// cutBytes shortens a text of a client, and removes bytes that a database may refuse.
func cutBytes(text string, most int) string {
	if len(text) > most {
		text = text[:most]
	}
	return strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\x00", "")
}

// did begins an entry about the actor's change of a group.
func (by Actor) did(kind AuditKind, g GroupID) AuditEntry {
	return AuditEntry{Kind: kind, Actor: by.Account, App: by.App, TargetType: TargetGroup, Target: string(g)}
}

// onAccount begins an entry about an account.
func onAccount(kind AuditKind, a AccountID) AuditEntry {
	return AuditEntry{Kind: kind, TargetType: TargetAccount, Target: string(a)}
}

func onOrganization(kind AuditKind, id OrganizationID) AuditEntry {
	return AuditEntry{Kind: kind, TargetType: TargetOrganization, Target: string(id)}
}

// onApplication begins an entry about an application. by is the calling application.
func onApplication(kind AuditKind, by, id AppID) AuditEntry {
	return AuditEntry{Kind: kind, App: by, TargetType: TargetApplication, Target: string(id)}
}

// with adds a detail.
func (e AuditEntry) with(key, value string) AuditEntry {
	if e.Detail == nil {
		e.Detail = make(map[string]string)
	}
	e.Detail[key] = value
	return e
}

// maxAuditAccounts is the maximum number of accounts that an entry names. If there are more, it also has their number.
const maxAuditAccounts = 20

// withAccounts adds the accounts that an entry concerns besides its target.
func (e AuditEntry) withAccounts(accounts []AccountID) AuditEntry {
	named := make([]string, 0, maxAuditAccounts)
	for _, a := range accounts[:min(len(accounts), maxAuditAccounts)] {
		named = append(named, string(a))
	}
	e = e.with("accounts", strings.Join(named, ","))
	if len(accounts) > len(named) {
		e = e.with("count", strconv.Itoa(len(accounts)))
	}
	return e
}

// auditedTx remembers whether an entry was added.
type auditedTx struct {
	Tx
	recorded bool
}

func (t *auditedTx) AddAudit(e AuditEntry) error {
	t.recorded = true
	return t.Tx.AddAudit(e)
}

// audited returns fn with an entry for every change by the host API. If fn adds none, the entry has
// the name of the operation. A call that changes nothing has no entry.
func (s *Service) audited(ctx context.Context, fn func(Tx) error) func(Tx) error {
	o := OriginOf(ctx)
	if o.Operation == "" {
		return fn
	}
	return func(tx Tx) error {
		a := &auditedTx{Tx: tx}
		if err := fn(a); err != nil || a.recorded || !tx.Changed() {
			return err
		}
		return s.record(ctx, tx, AuditEntry{Kind: AuditHostCall}.with("operation", o.Operation).with("path", o.Path))
	}
}
