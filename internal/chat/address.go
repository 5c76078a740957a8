package chat

import (
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxURL bounds the address of a picture or a page, in bytes.
const maxURL = 2048

// checkURL refuses an address of a picture or a page that is too long or that
// [CheckAddress] refuses. An empty one is none.
func checkURL(field, address string) error {
	if len(address) > maxURL {
		return Invalid(field, "must be at most %d bytes", maxURL)
	}
	if err := checkText(field, address); err != nil || address == "" {
		return err
	}
	return CheckAddress(field, address)
}

// CheckAddress refuses an address that a client must not open as a link or load as
// a picture. Allowed are https:// and http:// with a host, and paths on this
// server. Other schemes can start a program on the reader's machine. Characters
// that browsers ignore or rewrite are refused, because such an address shows
// another target than the one that is opened. The same holds for parts of an own
// path that browsers resolve: they read /.//host as //host, an address of another
// server.
func CheckAddress(field, address string) error {
	if fault := addressFault(address); fault != "" {
		return Invalid(field, "%s", fault)
	}
	return nil
}

// IsSafeAddress reports whether [CheckAddress] takes the address. It is for
// addresses that were stored before the rule existed.
func IsSafeAddress(address string) bool { return addressFault(address) == "" }

func addressFault(address string) string {
	if strings.ContainsFunc(address, unseen) {
		return "must not contain spaces, control characters or invisible characters"
	}
	// Browsers take a backslash for a slash.
	if strings.Contains(address, `\`) {
		return "must not contain a backslash"
	}
	if strings.HasPrefix(address, "//") {
		return "must not begin with two slashes"
	}
	if strings.HasPrefix(address, "/") {
		path := address
		if end := strings.IndexAny(path, "?#"); end >= 0 {
			path = path[:end]
		}
		return pathFault(path)
	}
	scheme, _, found := strings.Cut(address, "://")
	if !found || !strings.EqualFold(scheme, "https") && !strings.EqualFold(scheme, "http") {
		return "must begin with https://, http:// or a slash"
	}
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return "must be a valid address"
	case u.User != nil:
		return "must not contain a user name"
	// Other characters are folded to ASCII by browsers, full-width letters and dots for example.
	case u.Hostname() == "" || strings.ContainsFunc(u.Hostname(), notInHost):
		return "must name a host in ASCII; write an international name in its xn-- form"
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return "must have a port between 1 and 65535"
		}
	}
	return ""
}

// CheckFileKey refuses the key of a file that does not stay what it is in the path
// of an address. Clients put keys behind the prefix of their own configuration.
func CheckFileKey(field, key string) error {
	if fault := keyFault(key); fault != "" {
		return Invalid(field, "%s", fault)
	}
	return nil
}

// IsSafeFileKey reports whether [CheckFileKey] takes the key. It is for keys that
// were stored before the rule existed.
func IsSafeFileKey(key string) bool { return keyFault(key) == "" }

func keyFault(key string) string {
	switch {
	case strings.ContainsFunc(key, func(r rune) bool { return r != ' ' && unseen(r) }):
		return "must not contain control characters or invisible characters"
	case strings.ContainsAny(key, `?#\`):
		return "must not contain a question mark, a number sign or a backslash"
	}
	path := "/" + key
	if _, err := url.PathUnescape(path); err != nil {
		path = strings.ReplaceAll(path, "%", "%25") // a percent sign of a name, which escapes nothing
	}
	return pathFault(path)
}

// pathFault checks an absolute path, without a query. Encoded dots are dots for a
// browser; encoded slashes and backslashes become real ones in some proxies. Some servers
// decode twice, read overlong UTF-8, or ignore the part of a segment after a semicolon.
func pathFault(path string) string {
	plain, err := url.PathUnescape(path)
	switch {
	case err != nil:
		return "must be a valid address"
	case !utf8.ValidString(plain):
		return "must be UTF-8 when it is decoded"
	case strings.ContainsFunc(plain, unicode.IsControl):
		return "must not contain control characters"
	case strings.Count(plain, "/") != strings.Count(path, "/") || strings.Contains(plain, `\`):
		return "must not contain an encoded slash or backslash"
	}
	if again, err := url.PathUnescape(plain); err == nil && again != plain {
		return "must not be encoded twice"
	}
	segments := strings.Split(plain[1:], "/")
	for i, segment := range segments {
		name, _, _ := strings.Cut(segment, ";")
		switch {
		case name == "." || name == "..":
			return "must not contain . or .. as a part of its path"
		case segment == "" && i < len(segments)-1:
			return "must not contain two slashes in a row"
		}
	}
	return ""
}

// unseen reports whether a character leaves no mark of its own: white space,
// control characters, direction marks, zero-width characters, fillers.
func unseen(r rune) bool {
	return r == ' ' || !unicode.IsPrint(r) ||
		unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

func notInHost(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune(".-_:", r)
}
