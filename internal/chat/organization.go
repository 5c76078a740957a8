package chat

import "time"

// OrganizationID identifies an organization: a GUID string.
type OrganizationID string

// Organization is a company or team; its members are each other's contacts.
type Organization struct {
	ID        OrganizationID
	Name      string
	CreatedAt time.Time
}
