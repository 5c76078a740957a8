package blob

import (
	"crypto/sha1"
	"encoding/base64"
	"hash"
	"io"
)

// etagBlock is the size of the blocks that an etag is computed of.
const etagBlock = 4 << 20

// Etag computes the hash by which Qiniu names a content, in constant memory:
//
//	one block:  urlsafe64(0x16 ‖ SHA1(content))
//	more:       urlsafe64(0x96 ‖ SHA1(SHA1(block 1) ‖ SHA1(block 2) ‖ …)),  blocks of 4 MiB
//
// The zero value is ready for use.
type Etag struct {
	block  hash.Hash // of the block that is being filled
	filled int
	sums   hash.Hash // over the sums of the full blocks; nil: there is none yet
	first  []byte
	blocks int
}

var _ io.Writer = (*Etag)(nil)

// Write takes more of the content. It never fails.
func (e *Etag) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		if e.block == nil {
			e.block = sha1.New() // the service prescribes it
		}
		if e.filled == etagBlock {
			e.closeBlock()
		}
		take := min(len(p), etagBlock-e.filled)
		e.block.Write(p[:take])
		e.filled += take
		p = p[take:]
	}
	return n, nil
}

func (e *Etag) closeBlock() {
	sum := e.block.Sum(nil)
	if e.blocks == 0 {
		e.first = sum
		e.sums = sha1.New()
	}
	e.sums.Write(sum)
	e.blocks++
	e.block.Reset()
	e.filled = 0
}

// String returns the hash of what was written. Nothing may be written after it.
func (e *Etag) String() string {
	if e.block == nil {
		e.block = sha1.New()
	}
	if e.filled > 0 || e.blocks == 0 {
		e.closeBlock()
	}
	if e.blocks == 1 {
		return base64.URLEncoding.EncodeToString(append([]byte{0x16}, e.first...))
	}
	return base64.URLEncoding.EncodeToString(append([]byte{0x96}, e.sums.Sum(nil)...))
}
