package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

// maxSkew is how much the time of a signature may differ from that of the server.
const maxSkew = time.Hour

// signatureError refuses a request whose signature is missing or wrong.
type signatureError struct{ words string }

func (e *signatureError) Error() string { return e.words }

// checkSigned compares a signature with the text and the key from which it is made. unit is that of the timestamp.
func checkSigned(key, signed, sign, timestamp string, unit time.Duration, now time.Time) error {
	if timestamp == "" || sign == "" {
		return &signatureError{"this webhook takes signed messages only: timestamp and sign are required"}
	}
	n, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		return &signatureError{"timestamp must be a number"}
	}
	if at := time.UnixMilli(n * int64(unit/time.Millisecond)); at.Sub(now).Abs() > maxSkew {
		return &signatureError{"timestamp differs from the time of the server by more than an hour"}
	}
	// Some programs do not escape the plus sign of Base64 in an address, so that it arrives as a space.
	got, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(sign, " ", "+"))
	if err != nil {
		return &signatureError{"sign must be Base64"}
	}
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(signed))
	if !hmac.Equal(got, mac.Sum(nil)) {
		return &signatureError{"sign does not match: the secret or the way of signing is wrong"}
	}
	return nil
}
