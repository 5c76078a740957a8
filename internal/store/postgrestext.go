package store

import (
	"reflect"
	"slices"
	"strings"
)

// PostgreSQL stores no U+0000 in a text, and a message may have one. It is kept as
// two characters, of which the first, U+FDD0, is one that Unicode has reserved for
// the inner use of programs. That character itself is doubled in the same way.
const (
	postgresMark = "\uFDD0"
	keptZero     = postgresMark + "0"
	keptMark     = postgresMark + "1"
)

var (
	keepText   = strings.NewReplacer("\x00", keptZero, postgresMark, keptMark)
	returnText = strings.NewReplacer(keptZero, "\x00", keptMark, postgresMark)
)

func (postgresEngine) args(args []any) []any {
	copied := false
	for i, a := range args {
		s, ok := a.(string)
		if !ok {
			continue
		}
		if kept := keep(s); kept != s {
			if !copied {
				args, copied = slices.Clone(args), true // they are the caller's
			}
			args[i] = kept
		}
	}
	return args
}

func keep(s string) string {
	if strings.IndexByte(s, 0) >= 0 || strings.Contains(s, postgresMark) {
		return keepText.Replace(s)
	}
	return s
}

func (postgresEngine) scan(scan scanFunc) scanFunc {
	return func(dest ...any) error {
		if err := scan(dest...); err != nil {
			return err
		}
		for _, d := range dest {
			if t, ok := d.(interface{ target() any }); ok {
				d = t.target()
			}
			if v := reflect.ValueOf(d); v.Kind() == reflect.Pointer {
				returnTo(v.Elem())
			}
		}
		return nil
	}
}

// returnTo replaces what was kept for other characters in a text that was read.
func returnTo(v reflect.Value) {
	if v.Kind() == reflect.Interface {
		if s, ok := v.Interface().(string); ok && strings.Contains(s, postgresMark) {
			v.Set(reflect.ValueOf(returnText.Replace(s)))
		}
		return
	}
	if v.Kind() == reflect.String && strings.Contains(v.String(), postgresMark) {
		v.SetString(returnText.Replace(v.String()))
	}
}
