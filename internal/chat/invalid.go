package chat

import (
	"errors"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxID is the maximum length of an id in a request, in bytes. It is far above the
// length of existing ids and prevents look-ups of very long strings.
const maxID = 128

// maxNewID bounds an id that is given to something new, in bytes.
const maxNewID = 64

// NewIDPattern is the pattern of new ids. In addition, a new id must not be a number or a
// reserved name.
const NewIDPattern = `^[A-Za-z0-9][-A-Za-z0-9._@]*$`

// checkID refuses invalid ids. It does not look ids up; unknown ids are refused later.
func checkID[T ~string](field string, id T) error {
	switch {
	case id == "":
		return Invalid(field, "is required")
	case len(id) > maxID:
		return Invalid(field, "must be at most %d bytes", maxID)
	default:
		return checkText(field, string(id))
	}
}

// checkNewID refuses an id that may not be given to a new account,
// organization, application or group. Clients use ids as keys of objects and
// resolve accounts, groups and inboxes by the same field, so an id must neither
// look like a number nor be a name with a meaning.
func checkNewID[T ~string](field string, id T) error {
	if len(id) > maxNewID {
		return Invalid(field, "must be at most %d bytes", maxNewID)
	}
	number := true
	for i, c := range []byte(id) {
		switch {
		case 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z':
			number = false
		case '0' <= c && c <= '9':
		case i > 0 && c == '-':
			number = false // a GUID of digits alone is one
		case i > 0 && strings.IndexByte("._@", c) >= 0:
		default:
			return Invalid(field, "must consist of letters, digits and -._@, and begin with a letter or digit")
		}
	}
	if number {
		return Invalid(field, "must not be a number")
	}
	_, category := CategoryByName(Category(id))
	if category || AccountID(id) == FileTransfer || AccountID(id) == Everyone {
		return Invalid(field, "is a reserved name")
	}
	return nil
}

// idFree refuses an id under which the look-up finds something: clients resolve
// accounts and groups by the same field.
func idFree[ID ~string, T any](find func(ID) (T, error), id ID) error {
	_, err := find(id)
	switch {
	case err == nil:
		return ErrConflict
	case errors.Is(err, ErrNoRow):
		return nil
	default:
		return err
	}
}

// checkText refuses strings that are not valid UTF-8 text.
func checkText(field, text string) error {
	if !utf8.ValidString(text) {
		return Invalid(field, "must be valid UTF-8")
	}
	return nil
}

// checkLength refuses a text of more than limit UTF-16 units.
func checkLength(field, text string, limit int) error {
	if err := checkText(field, text); err != nil {
		return err
	}
	if utf16Longer(text, limit) {
		return invalidNumber(field, ReasonTooLong, "most", limit, "must be at most %d characters")
	}
	return nil
}

// utf16Longer reports whether the text has more than limit UTF-16 units, which
// is how the contract and every JavaScript client count.
func utf16Longer(text string, limit int) bool {
	if len(text) <= limit { // a byte never makes more than one unit
		return false
	}
	units := 0
	for _, r := range text {
		units += utf16.RuneLen(r)
	}
	return units > limit
}
