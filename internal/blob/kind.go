package blob

import (
	"mime"
	"path"
	"strings"
	"unicode"

	"github.com/gabriel-vasile/mimetype"
)

// headBytes is how much of a file is looked at to tell its type.
const headBytes = 3072

// sniff tells the type of a file from its first bytes, without parameters;
// application/octet-stream when they say nothing.
func sniff(head []byte) string {
	t, _, err := mime.ParseMediaType(mimetype.Detect(head[:min(len(head), headBytes)]).String())
	if err != nil {
		return octets
	}
	if t == "application/ogg" {
		return "audio/ogg" // what recorders make; a browser plays either under this name
	}
	return t
}

const octets = "application/octet-stream"

// pictures are the types that every browser shows and that are understood here.
var pictures = map[string]bool{"image/jpeg": true, "image/png": true, "image/gif": true, "image/webp": true}

// inline are the types that a browser may show in place: they cannot hold a
// program. Whatever is not here is offered to be saved.
var inline = map[string]bool{
	"image/jpeg": true, "image/png": true, "image/gif": true, "image/webp": true, "image/bmp": true, "image/avif": true,
	"audio/mpeg": true, "audio/mp4": true, "audio/x-m4a": true, "audio/aac": true, "audio/ogg": true, "audio/wav": true,
	"audio/webm": true, "audio/flac": true, "audio/amr": true,
	"video/mp4": true, "video/webm": true, "video/ogg": true, "video/quicktime": true,
}

// shownInline reports whether a browser may show a file of the type in place.
func shownInline(t string) bool { return inline[t] }

// ServedType is the type that a file is served under: its own, but for those
// that a browser could run or lay out.
func ServedType(t string) string {
	switch {
	case strings.HasPrefix(t, "text/") && t != "text/plain" && t != "text/csv",
		strings.HasSuffix(t, "+xml"), strings.HasSuffix(t, "/xml"), strings.Contains(t, "javascript"), strings.Contains(t, "flash"):
		return octets
	case strings.HasPrefix(t, "text/"):
		return t + "; charset=utf-8"
	}
	return t
}

// endings are for storage services, where nothing here sees the content.
var endings = map[string]string{
	".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".gif": "image/gif", ".webp": "image/webp", ".bmp": "image/bmp", ".avif": "image/avif",
	".mp3": "audio/mpeg", ".m4a": "audio/mp4", ".aac": "audio/aac", ".ogg": "audio/ogg", ".oga": "audio/ogg", ".opus": "audio/ogg", ".wav": "audio/wav",
	".weba": "audio/webm", ".flac": "audio/flac", ".amr": "audio/amr",
	".mp4": "video/mp4", ".m4v": "video/mp4", ".webm": "video/webm", ".ogv": "video/ogg", ".mov": "video/quicktime",
}

// typeOfKey guesses the type from the key's ending: one that may be shown in
// place, or application/octet-stream.
func typeOfKey(key string) string {
	if t, ok := endings[strings.ToLower(path.Ext(key))]; ok {
		return t
	}
	return octets
}

// Disposition is the Content-Disposition of a file: shown in place where its
// type allows and nobody asked to save it. The name is the uploader's and
// nothing but text.
func Disposition(t, name string, save bool) string {
	how := "attachment"
	if shownInline(t) && !save {
		how = "inline"
	}
	name = cleanName(name)
	if name == "" {
		return how
	}
	if s := mime.FormatMediaType(how, map[string]string{"filename": name}); s != "" {
		return s
	}
	return how
}

// cleanName keeps the last part of a file's name, in at most 255 bytes. It removes characters that file systems
// refuse, and invisible ones, which can hide the ending or turn the direction of writing so that another ending is
// read.
func cleanName(name string) string {
	name = strings.ToValidUTF8(name, "")
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.Map(func(r rune) rune {
		const nonJoiner, joiner = '\u200c', '\u200d' // part of words in Persian and of emoji
		if r != nonJoiner && r != joiner && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Other_Default_Ignorable_Code_Point) {
			return -1
		}
		return r
	}, name)
	name = strings.TrimSpace(name)
	if name == "." || name == ".." {
		return ""
	}
	const longest = 255
	if len(name) <= longest {
		return name
	}
	// The ending is what opens the file: it stays.
	ext := path.Ext(name)
	if len(ext) > 32 {
		ext = ""
	}
	return strings.ToValidUTF8(name[:longest-len(ext)], "") + ext
}
