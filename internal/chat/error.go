package chat

import (
	"fmt"
	"strconv"
)

// Error is a refusal whose text a user may read. The texts are part of the
// contract with clients: programs compare them letter by letter.
type Error string

// Error returns the text that the client receives.
func (e Error) Error() string { return string(e) }

// The refusals of the contract.
const (
	// ErrNotContact: the peer is no contact of the caller, and the caller has no
	// chat with them. An unknown account is told the same way, so that
	// existence is not revealed.
	ErrNotContact Error = "not my contract"
	// ErrRelationEnded: the chat is in the caller's list, but the two are no
	// longer contacts, or the caller is no longer in that group.
	ErrRelationEnded   Error = "removeit"
	ErrNotInGroup      Error = "not in group"
	ErrGroupNotFound   Error = "group not found"
	ErrSenderNotFound  Error = "from user not found"
	ErrBanSpeak        Error = "ban speak"
	ErrMessageNotFound Error = "message not found"
	ErrMessageTooLong  Error = "message too long"
	ErrWithdrawExpired Error = "withdraw expired"
	ErrEditExpired     Error = "edit expired"
	// ErrTooManyReactions: the message has as many different emoji as it can have.
	ErrTooManyReactions Error = "too many reactions"
	// ErrTooManyPins: the chat has as many pinned messages as it can have.
	ErrTooManyPins     Error = "too many pins"
	ErrForbidden       Error = "forbidden"
	ErrTooManyRequests Error = "too many requests"
	// ErrTooManyConnections refuses a socket of a token or an account that has as many as it may have.
	ErrTooManyConnections Error = "too many connections"
	ErrTokenRequired      Error = "token required"
	ErrInvalidToken       Error = "invalid token"
	ErrTokenExpired       Error = "token expired"
	ErrAppRequired        Error = "app required"
	ErrInvalidApp         Error = "invalid app"
	// ErrNotServer: the key is that of a client's application, whatever the secret.
	ErrNotServer         Error = "invalid app: only an application of kind server calls the host API"
	ErrCredentialsDiffer Error = "credentials disagree"
	ErrUnknownEvent      Error = "unknown event"
	ErrInternal          Error = "internal error"
	ErrDatabase          Error = "database error"
	ErrDatabaseGroup     Error = "database err"
	ErrAccountNotFound   Error = "account not found"
	ErrNotFound          Error = "not found"
	ErrConflict          Error = "already exists"
	ErrInvalidCode       Error = "invalid code"
	ErrWrongPassword     Error = "wrong e-mail address or password"
	ErrPasswordsOff      Error = "passwords are off"
	// ErrSignInAgain: what was asked for needs a fresh proof, by the password or by a sign-in of the last minutes.
	ErrSignInAgain     Error = "sign in again"
	ErrUnknownIdentity Error = "no account for this sign-in"
	// ErrSettingsChanged: somebody else has changed the settings since the caller has read them.
	ErrSettingsChanged Error = "the settings were changed meanwhile"
	ErrWrongCode       Error = "wrong code"
	// ErrCodeUsed: the code of an authenticator app is right, but it was used. The app shows another one soon.
	ErrCodeUsed          Error = "code already used"
	ErrSignInExpired     Error = "sign-in expired"
	ErrTwoFactorRequired Error = "two-factor is required"
	// ErrMainOrganization: nobody would administer the server any more.
	ErrMainOrganization Error = "the main organization cannot be deleted"
	// ErrOwnTwoFactor: an administrator turns the own two-factor off where no proof is asked for.
	ErrOwnTwoFactor Error = "turn your own two-factor off in your settings"
)

// InvalidError refuses an input and names the field and the reason.
type InvalidError struct {
	Field  string // as the client wrote it: "touser", "card.title"
	Reason string // "is required", "must be a number"

	Code   ReasonCode        // of the reason; empty: it has none
	Params map[string]string // of the reason, by their names; see [ReasonCode]
}

// ReasonCode is the reason why an input is refused, for clients that say it in their own words.
type ReasonCode string

// The reasons of settings. Package config gives those that are about a value alone.
const (
	ReasonUnknown    ReasonCode = "unknown"     // no setting has the name
	ReasonNotLive    ReasonCode = "not-live"    // it cannot be changed while the server runs
	ReasonFixed      ReasonCode = "fixed"       // source: the operator has set it there
	ReasonOwnersOnly ReasonCode = "owners-only" // only owners change it
	ReasonRepeated   ReasonCode = "repeated"    // the change names it more than once
	ReasonForm       ReasonCode = "form"        // the text is no value of the type of the setting
	ReasonTooSmall   ReasonCode = "too-small"   // least; zero, if 0 is possible as well
	ReasonTooLarge   ReasonCode = "too-large"   // most; zero, if 0 is possible as well
	ReasonRequired   ReasonCode = "required"    // it is empty
	ReasonTooLong    ReasonCode = "too-long"    // most: number of characters
	ReasonCharacters ReasonCode = "characters"  // it has characters that cannot be in a name
	ReasonZone       ReasonCode = "unknown-zone"
	ReasonWay        ReasonCode = "unknown-way" // way: no way to sign in that can be hidden
	ReasonNoWay      ReasonCode = "no-way"      // no owner could sign in any more
	ReasonOther      ReasonCode = "other"
)

// The reasons why a change of a person or a line of an import is refused. Some of those of settings are also used.
const (
	ReasonLastOwner       ReasonCode = "last-owner"       // the organization has no other active owner
	ReasonOwnAccount      ReasonCode = "own-account"      // nobody takes this from the own account
	ReasonNoOrganization  ReasonCode = "no-organization"  // the server has no main organization
	ReasonNewInactive     ReasonCode = "new-inactive"     // a new person is active
	ReasonSeveralAccounts ReasonCode = "several-accounts" // the address does not name one person
	ReasonUnreadable      ReasonCode = "unreadable"       // the line has a stray quote or is too long
	ReasonTooManyFields   ReasonCode = "too-many-fields"  // the line has more of them than columns
)

// The reasons why another change by an administrator is refused.
const (
	ReasonTooShort    ReasonCode = "too-short"          // least: number of characters
	ReasonIsEmail     ReasonCode = "is-email"           // the password is the e-mail address
	ReasonNoEmail     ReasonCode = "no-email"           // the account has no address to sign in with
	ReasonEmailShared ReasonCode = "shared-email"       // another account with a password has the address
	ReasonErased      ReasonCode = "erased"             // the account is being erased, or was
	ReasonOtherName   ReasonCode = "other-name"         // it is not the name of the person
	ReasonNobody      ReasonCode = "nobody"             // no account has the id
	ReasonInactive    ReasonCode = "inactive"           // the account is not active
	ReasonGuest       ReasonCode = "guest"              // a guest owns no group
	ReasonGroupFull   ReasonCode = "group-full"         // most: number of members
	ReasonKind        ReasonCode = "kind"               // an application stays, or does not become, one of kind server
	ReasonOwnApp      ReasonCode = "own-application"    // the call comes through it
	ReasonClientApp   ReasonCode = "client-application" // it is that of the web client
	ReasonReceiver    ReasonCode = "receiver"           // nothing is posted to the address
	ReasonNoHeading   ReasonCode = "no-heading"         // the file does not begin with the names of columns
	ReasonColumn      ReasonCode = "unknown-column"     // column
	ReasonColumnTwice ReasonCode = "repeated-column"    // column
	ReasonManyRows    ReasonCode = "too-many-lines"     // most
)

// PersonReasonCodes are the reasons that only changes of people, groups and applications, and imports have.
var PersonReasonCodes = []ReasonCode{
	ReasonLastOwner, ReasonOwnAccount, ReasonNoOrganization, ReasonNewInactive, ReasonSeveralAccounts, ReasonUnreadable, ReasonTooManyFields,
	ReasonTooShort, ReasonIsEmail, ReasonNoEmail, ReasonEmailShared, ReasonErased, ReasonOtherName, ReasonNobody, ReasonInactive, ReasonGuest, ReasonGroupFull,
	ReasonKind, ReasonOwnApp, ReasonClientApp, ReasonReceiver, ReasonNoHeading, ReasonColumn, ReasonColumnTwice, ReasonManyRows,
}

// ReasonCodes are the reasons of settings.
var ReasonCodes = []ReasonCode{
	ReasonUnknown, ReasonNotLive, ReasonFixed, ReasonOwnersOnly, ReasonRepeated, ReasonForm, ReasonTooSmall, ReasonTooLarge, ReasonRequired, ReasonTooLong,
	ReasonCharacters, ReasonZone, ReasonWay, ReasonNoWay, ReasonOther,
}

// The reasons why an e-mail address is refused.
const (
	ReasonEmailTaken      ReasonCode = "email-taken"      // another account has it
	ReasonEmailUnverified ReasonCode = "email-unverified" // the provider has not verified it
	ReasonEmailDomain     ReasonCode = "email-domain"     // it does not have the domain of the invitation
)

// EmailReasonCodes are the reasons why an e-mail address is refused.
var EmailReasonCodes = []ReasonCode{ReasonEmailTaken, ReasonEmailUnverified, ReasonEmailDomain}

// Error returns "invalid payload: <field> <reason>".
func (e *InvalidError) Error() string {
	return "invalid payload: " + e.Field + " " + e.Reason
}

// Invalid returns an [InvalidError]; the reason is formatted like [fmt.Sprintf].
func Invalid(field, reason string, args ...any) error {
	if len(args) > 0 {
		reason = fmt.Sprintf(reason, args...)
	}
	return &InvalidError{Field: field, Reason: reason}
}

// invalidFor is [Invalid] with a code.
func invalidFor(field string, code ReasonCode, reason string) error {
	return &InvalidError{Field: field, Reason: reason, Code: code}
}

// invalidNumber is [Invalid] with a code that has a number as its parameter. reason has one %d for the number.
func invalidNumber(field string, code ReasonCode, param string, number int, reason string) error {
	return &InvalidError{Field: field, Reason: fmt.Sprintf(reason, number), Code: code, Params: map[string]string{param: strconv.Itoa(number)}}
}

// invalidEmail is [Invalid] for an e-mail address, with a code.
func invalidEmail(code ReasonCode, reason string, args ...any) error {
	return &InvalidError{Field: "email", Reason: fmt.Sprintf(reason, args...), Code: code}
}
