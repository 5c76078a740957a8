package chat

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// The longest address that can be delivered to (RFC 5321 §4.5.3.1), and the longest part before the @, in bytes.
const (
	maxEmail      = 254
	maxEmailLocal = 64
)

// cleanEmail returns an e-mail address as it is stored and looked up: the bare address in normalization form C, without
// white space around it, the domain in small letters. It takes local parts without quotes and domains of any script. It
// refuses everything else that a header of a mail may have, above all names, angle brackets, comments, several
// addresses and line breaks. An empty address stays empty.
func cleanEmail(field, address string) (string, error) {
	if err := checkText(field, address); err != nil {
		return "", err
	}
	address = norm.NFC.String(strings.TrimSpace(address))
	if address == "" {
		return "", nil
	}
	if len(address) > maxEmail {
		return "", Invalid(field, "must be at most %d bytes", maxEmail)
	}
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return "", Invalid(field, "must be an e-mail address like anna@example.test")
	}
	local, domain := address[:at], oneDomain(address[at+1:])
	if len(local)+len("@")+len(domain) > maxEmail {
		return "", Invalid(field, "must be at most %d bytes", maxEmail)
	}
	if r, ok := firstNot(isLocal, local); ok {
		return "", Invalid(field, "must be a bare e-mail address like anna@example.test, without %s before the @", shownRune(r))
	}
	if len(local) > maxEmailLocal {
		return "", Invalid(field, "must have at most %d bytes before the @", maxEmailLocal)
	}
	if local == "" || local[0] == '.' || local[len(local)-1] == '.' || strings.Contains(local, "..") {
		return "", Invalid(field, "must have words between dots before the @")
	}
	if r, ok := firstNot(isDomain, domain); ok {
		return "", Invalid(field, "must be a bare e-mail address like anna@example.test, without %s behind the @", shownRune(r))
	}
	for label := range strings.SplitSeq(domain, ".") {
		if label == "" || label[0] == '-' || label[len(label)-1] == '-' || utf8.RuneCountInString(label) > 63 {
			return "", Invalid(field, "must have the name of a host behind the @")
		}
	}
	return local + "@" + domain, nil
}

// oneDomain returns the form of a domain that is the same for letters of all widths and for capitals.
func oneDomain(domain string) string {
	domain = strings.ReplaceAll(norm.NFKC.String(domain), "\u3002", ".") // the full stop of Chinese and Japanese
	return norm.NFKC.String(strings.ToLower(domain))
}

// EmailKey returns the normal form of an e-mail address. Addresses with the same form are the same to
// [Service.SignInWithPassword]. The form of an invalid address is never that of a valid one.
func EmailKey(address string) string {
	if clean, err := cleanEmail("email", address); err == nil {
		address = clean
	}
	return strings.ToLower(address)
}

// RewrittenEmails is the result of [Service.RewriteEmails].
type RewrittenEmails struct {
	Rewritten int
	Taken     []AccountID // left as they are: another account has the address
	Invalid   []AccountID // left as they are: no e-mail address
}

// RewriteEmails changes stored e-mail addresses to the normal form, in which they are
// looked up. Earlier versions stored full-width and decomposed letters, white space,
// angle brackets and line breaks; such addresses are not found at a sign-in or in a
// search. Those that have no normal form are returned. Call it at the start.
func (s *Service) RewriteEmails(ctx context.Context) (done RewrittenEmails, err error) {
	for after := AccountID(""); ; {
		page, err := view(ctx, s, func(tx Tx) ([]Account, error) { return tx.AccountPage(after, s.opts.MaxPage) })
		if err != nil || len(page) == 0 {
			return done, err
		}
		after = page[len(page)-1].ID
		for _, a := range page {
			clean, err := cleanEmail("email", a.Email)
			switch {
			case err != nil:
				done.Invalid = append(done.Invalid, a.ID)
				continue
			case clean == a.Email:
				continue
			}
			rewritten, err := update(ctx, s, func(tx Tx) (bool, error) { return rewriteEmail(tx, a.ID, clean) })
			switch {
			case err != nil:
				return done, err
			case rewritten:
				done.Rewritten++
			default:
				done.Taken = append(done.Taken, a.ID)
			}
		}
	}
}

// rewriteEmail returns false if another account has the address.
func rewriteEmail(tx Tx, id AccountID, email string) (bool, error) {
	others, err := tx.AccountsByEmail(email)
	if err != nil || slices.ContainsFunc(others, func(a Account) bool { return a.ID != id }) {
		return false, err
	}
	a, err := tx.Account(id)
	if err != nil {
		return false, err
	}
	a.Email = email
	return true, tx.UpdateAccount(a)
}

func firstNot(fits func(rune) bool, text string) (rune, bool) {
	for _, r := range text {
		if !fits(r) {
			return r, true
		}
	}
	return 0, false
}

// shownRune names a character in a refusal. Only printable ASCII is repeated as it is.
func shownRune(r rune) string {
	if r > ' ' && r < 0x7f {
		return string(r)
	}
	return fmt.Sprintf("%U", r)
}

// isLocal reports whether the character may stand before the @ without quotes: atext of RFC 5322 and letters of
// all scripts (RFC 6531).
func isLocal(r rune) bool {
	return r == '.' || strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r) || isWord(r)
}

func isDomain(r rune) bool { return r == '.' || r == '-' || isWord(r) }

// isWord reports whether the character is a letter or a digit, or a mark on one. Characters that cannot be seen are not.
func isWord(r rune) bool {
	return unicode.In(r, unicode.L, unicode.Mn, unicode.Mc, unicode.Nd) &&
		!unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}
