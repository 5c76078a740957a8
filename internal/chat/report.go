package chat

// Report is the meaning of a system message, so that clients can word it in their
// reader's language. Names are those at the time of the message.
type Report struct {
	Kind  ReportKind   `json:"kind"`
	By    ReportName   `json:"by"`              // the acting account
	Users []ReportName `json:"users,omitempty"` // the affected accounts, at most [maxReported]
	Total int          `json:"total,omitempty"` // the number of all affected accounts
	Name  string       `json:"name,omitempty"`  // the group's new name
	Text  string       `json:"text,omitempty"`  // the announcement

	Message MessageID `json:"message,omitempty"` // the pinned message
}

// ReportName is an account as a report names it.
type ReportName struct {
	ID   AccountID `json:"id"`
	Name string    `json:"name"`
}

// ReportKind is the event that a system message reports.
type ReportKind string

// The kinds of report.
const (
	ReportCreated      ReportKind = "group created"
	ReportAdded        ReportKind = "members added"
	ReportRemoved      ReportKind = "member removed"
	ReportLeft         ReportKind = "member left"
	ReportRenamed      ReportKind = "group renamed"
	ReportPicture      ReportKind = "picture changed"
	ReportAnnounced    ReportKind = "announcement changed"
	ReportConverted    ReportKind = "discussion converted"
	ReportInviteAll    ReportKind = "invitation by members"
	ReportInviteAdmins ReportKind = "invitation by administrators"
	ReportAdmin        ReportKind = "administrator added"
	ReportNoAdmin      ReportKind = "administrator removed"
	ReportSuccessor    ReportKind = "creator changed"
	ReportBanned       ReportKind = "speaking banned"
	ReportPermitted    ReportKind = "speaking permitted"
	ReportDissolved    ReportKind = "group dissolved"
	ReportPinned       ReportKind = "message pinned"
)

// ReportKinds are all kinds of report.
var ReportKinds = []ReportKind{
	ReportCreated, ReportAdded, ReportRemoved, ReportLeft, ReportRenamed, ReportPicture, ReportAnnounced, ReportConverted,
	ReportInviteAll, ReportInviteAdmins, ReportAdmin, ReportNoAdmin, ReportSuccessor, ReportBanned, ReportPermitted, ReportDissolved, ReportPinned,
}

// maxReported is the maximum number of accounts that a system message names.
const maxReported = 10

// about returns a report about accounts.
func about(kind ReportKind, accounts ...Account) *Report {
	r := &Report{Kind: kind, Total: len(accounts)}
	for _, a := range accounts[:min(len(accounts), maxReported)] {
		r.Users = append(r.Users, ReportName{a.ID, a.Name})
	}
	return r
}

// Departure is the way in which a membership ended.
type Departure int

// The departures.
const (
	DepartureUnknown   Departure = 0 // before it was recorded
	DepartureLeft      Departure = 1
	DepartureRemoved   Departure = 2
	DepartureDissolved Departure = 3
)
