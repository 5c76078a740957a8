package config

import (
	"fmt"
	"strconv"
	"strings"
)

// Bytes is a size, written as a number of bytes or with a unit: 1000000, 64KiB,
// 4MiB, 1GiB, and KB, MB, GB for powers of ten.
type Bytes int64

var units = []struct {
	suffix string
	bytes  int64
}{
	{"GiB", 1 << 30},
	{"MiB", 1 << 20},
	{"KiB", 1 << 10},
	{"GB", 1_000_000_000},
	{"MB", 1_000_000},
	{"KB", 1_000},
	{"B", 1},
}

// UnmarshalText reads a size.
func (b *Bytes) UnmarshalText(text []byte) error {
	number, factor := strings.TrimSpace(string(text)), int64(1)
	for _, u := range units {
		if rest, ok := strings.CutSuffix(number, u.suffix); ok {
			number, factor = strings.TrimSpace(rest), u.bytes
			break
		}
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n < 0 || n > (1<<62)/factor {
		return fmt.Errorf("expected a size like 1000000, 64KiB or 4MiB but got %q", text)
	}
	*b = Bytes(n * factor)
	return nil
}

// MarshalText writes the size with the largest binary unit that divides it.
func (b Bytes) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

// String returns the size with the largest binary unit that divides it.
func (b Bytes) String() string {
	for _, u := range units[:3] {
		if b != 0 && int64(b)%u.bytes == 0 {
			return strconv.FormatInt(int64(b)/u.bytes, 10) + u.suffix
		}
	}
	return strconv.FormatInt(int64(b), 10)
}

// AutoBytes is a size, or [Auto].
type AutoBytes int64

// Auto is written "auto": the server chooses.
const Auto AutoBytes = -1

// UnmarshalText reads a size or "auto".
func (b *AutoBytes) UnmarshalText(text []byte) error {
	if strings.TrimSpace(string(text)) == "auto" {
		*b = Auto
		return nil
	}
	var size Bytes
	if err := size.UnmarshalText(text); err != nil {
		return fmt.Errorf("%w; or auto", err)
	}
	*b = AutoBytes(size)
	return nil
}

// MarshalText writes what UnmarshalText reads.
func (b AutoBytes) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

// String returns the size as [Bytes.String] does, or "auto".
func (b AutoBytes) String() string {
	if b == Auto {
		return "auto"
	}
	return Bytes(b).String()
}
