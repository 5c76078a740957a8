package blob

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Qiniu signs downloads from a private bucket of Qiniu Kodo. What is uploaded
// there, and how, says the upload token. Safe for concurrent use.
type Qiniu struct {
	Access, Secret string
	Domain         string // of the bucket: scheme and host, without a slash at the end
	Bucket         string
	Manage         string // address of the API for resources, without a slash at the end
}

// Address returns an address of the file that works until expires:
//
//	<domain>/<key>[?<command>]{?|&}e=<deadline>&token=<access key>:urlsafe64(HMAC-SHA1(secret key, all before &token))
//
// Pictures of a size are made by the service; with size "" it is the file itself. What may not
// be shown in place, and what is asked to be saved, comes as an attachment.
func (q *Qiniu) Address(key, name string, size Size, save bool, expires time.Time) string {
	address := q.Domain + "/" + escapeKey(key)
	var query []string
	t := typeOfKey(key)
	if n := size.Points(); n > 0 {
		side := strconv.Itoa(n)
		query = append(query, "imageMogr2/auto-orient/thumbnail/"+side+"x"+side+"%3E/strip")
	} else if save || !shownInline(t) {
		if name = cleanName(name); name == "" {
			name = baseName(key)
		}
		query = append(query, "attname="+url.QueryEscape(name))
	}
	query = append(query, "e="+strconv.FormatInt(expires.Unix(), 10))
	address += "?" + strings.Join(query, "&")
	mac := hmac.New(sha1.New, []byte(q.Secret)) // the service prescribes SHA-1
	mac.Write([]byte(address))
	return address + "&token=" + q.Access + ":" + base64.URLEncoding.EncodeToString(mac.Sum(nil))
}

func baseName(key string) string { return key[strings.LastIndexByte(key, '/')+1:] }
