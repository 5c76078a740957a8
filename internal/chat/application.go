package chat

import "time"

// AppID identifies a registered application (the contract's appid).
type AppID string

// AppKind says where an application runs. Pushes marked "Web Only" go to
// sockets of [AppWeb] alone.
type AppKind string

// The kinds of application.
const (
	AppWeb     AppKind = "web"
	AppMobile  AppKind = "mobile"
	AppDesktop AppKind = "desktop"
	AppServer  AppKind = "server"
)

// SendAck is the form in which an application gets the result of the two sends.
type SendAck string

// The two forms: ack(false, result), and the literal ack(result).
const (
	AckErrorFirst  SendAck = "error-first"
	AckResultFirst SendAck = "result-first"
)

// Application is a program that connects clients or calls the host API.
type Application struct {
	ID          AppID
	Key         string // public, what clients send as app
	Secret      string // signs JWTs, authenticates the host API
	Name        string
	URL         string
	Kind        AppKind
	SendAck     SendAck
	MutedPushes []string // events that its sockets do not want
	CreatedAt   time.Time
}
