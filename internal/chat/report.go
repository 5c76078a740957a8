package chat

// Report is what a system message tells, so that clients can word it in their
// reader's language. Names are as they were then.
type Report struct {
	Kind  ReportKind   `json:"kind"`
	By    ReportName   `json:"by"`              // who did it
	Users []ReportName `json:"users,omitempty"` // to whom, at most [maxReported]
	Total int          `json:"total,omitempty"` // how many these are in all
	Name  string       `json:"name,omitempty"`  // the group's new name
	Text  string       `json:"text,omitempty"`  // the announcement
}

// ReportName is an account as a report names it.
type ReportName struct {
	ID   AccountID `json:"id"`
	Name string    `json:"name"`
}

// ReportKind is what a system message reports.
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
)

// ReportKinds are all kinds of report.
var ReportKinds = []ReportKind{
	ReportCreated, ReportAdded, ReportRemoved, ReportLeft, ReportRenamed, ReportPicture, ReportAnnounced, ReportConverted,
	ReportInviteAll, ReportInviteAdmins, ReportAdmin, ReportNoAdmin, ReportSuccessor, ReportBanned, ReportPermitted, ReportDissolved,
}

// maxReported is how many accounts a system message names.
const maxReported = 10

// about returns a report about accounts.
func about(kind ReportKind, accounts ...Account) *Report {
	r := &Report{Kind: kind, Total: len(accounts)}
	for _, a := range accounts[:min(len(accounts), maxReported)] {
		r.Users = append(r.Users, ReportName{a.ID, a.Name})
	}
	return r
}

// Departure is how a membership ended.
type Departure int

// The departures.
const (
	DepartureUnknown   Departure = 0 // before it was recorded
	DepartureLeft      Departure = 1
	DepartureRemoved   Departure = 2
	DepartureDissolved Departure = 3
)
