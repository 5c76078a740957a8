package chat

// Person is an account as another one sees it.
type Person struct {
	Account
	Initial string // of the name in a directory: "A" to "Z", or "#"
	Contact bool   // the reader may write to them
	Friend  bool
}
