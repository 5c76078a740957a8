package socketio

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

func TestSplitArray(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{`[]`, ``},
		{` [ ] `, ``},
		{`["a"]`, `"a"`},
		{` [ "a" , 1.5e-3 ,true,false , null ] `, `"a"|1.5e-3|true|false|null`},
		{`[[],{},[{}],{"a":[]}]`, `[]|{}|[{}]|{"a":[]}`},
		{`[{"a":{"b":[1,{"c":"]}"}]}, "d":0},-0]`, `{"a":{"b":[1,{"c":"]}"}]}, "d":0}|-0`},
		{`["\"\\\/\b\f\n\r\t\u00e9é😀"]`, `"\"\\\/\b\f\n\r\t\u00e9é😀"`},
	} {
		args, err := splitArray([]byte(test.in), nil, 10)
		if err != nil {
			t.Errorf("splitArray(%s): %v", test.in, err)
			continue
		}
		var parts []string
		for _, arg := range args {
			parts = append(parts, string(arg))
		}
		if got := strings.Join(parts, "|"); got != test.want {
			t.Errorf("splitArray(%s) = %s, want %s", test.in, got, test.want)
		}
	}
}

func TestSplitArrayRefuses(t *testing.T) {
	for _, test := range []struct {
		in   string
		want error
	}{
		{``, errSyntax},
		{`{}`, errNotArray},
		{`"a"`, errNotArray},
		{`12`, errNotArray},
		{`null`, errNotArray},
		{`[`, errSyntax},
		{`[1`, errSyntax},
		{`[1,`, errSyntax},
		{`[1,]`, errSyntax},
		{`[,1]`, errSyntax},
		{`[1 2]`, errSyntax},
		{`[1]]`, errSyntax},
		{`[1}`, errSyntax},
		{`[{]}`, errSyntax},
		{`[{"a"}]`, errSyntax},
		{`[{"a":1,}]`, errSyntax},
		{`[{a:1}]`, errSyntax},
		{`[{"a":1]`, errSyntax},
		{`['a']`, errSyntax},
		{`["a]`, errSyntax},
		{`["\x"]`, errSyntax},
		{`["\u12"]`, errSyntax},
		{`["\u12g4"]`, errSyntax},
		{"[\"a\nb\"]", errSyntax},
		{"[\"\\", errSyntax},
		{`[01]`, errSyntax},
		{`[1.]`, errSyntax},
		{`[.5]`, errSyntax},
		{`[1e]`, errSyntax},
		{`[+1]`, errSyntax},
		{`[-]`, errSyntax},
		{`[NaN]`, errSyntax},
		{`[tru]`, errSyntax},
		{`[nullx]`, errSyntax},
		{`[1,2,3,4]`, errTooMany},
		{`[` + strings.Repeat("[", maxDepth+1) + strings.Repeat("]", maxDepth+1) + `]`, errDepth},
	} {
		if args, err := splitArray([]byte(test.in), nil, 3); !errors.Is(err, test.want) {
			t.Errorf("splitArray(%.40q) = %s, %v, want %v", test.in, args, err, test.want)
		}
	}
}

func TestSplitArrayTakesWhatCanBeDecoded(t *testing.T) {
	for _, open := range []string{`[`, `{"a":`} {
		deep := strings.Repeat(open, maxDepth) + `0` + strings.Repeat(map[string]string{`[`: `]`}[open]+strings.Repeat(`}`, len(open)/5), maxDepth)
		args, err := splitArray([]byte(`[`+deep+`]`), nil, 1)
		if err != nil {
			t.Fatalf("splitArray(%.10s…): %v", deep, err)
		}
		var v any
		if err := json.Unmarshal(args[0], &v); err != nil {
			t.Errorf("json.Unmarshal(%.10s…): %v", deep, err)
		}
	}
}

// FuzzSplitArray compares with encoding/json, which must find the same elements and the same mistakes.
func FuzzSplitArray(f *testing.F) {
	for _, seed := range []string{`[]`, `["a",1]`, ` [ {"a":[1,2]} , "\u00e9" ] `, `[1e5,-0.5,[[[]]]]`, `[{"a":1,}]`, `["\ud800"]`, "[\"\x7f\xff\"]"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := splitArray(data, nil, len(data))
		if errors.Is(err, errDepth) {
			return
		}
		var want []json.RawMessage
		wantErr := json.Unmarshal(data, &want)
		if wantErr == nil && want == nil {
			wantErr = errNotArray // null
		}
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("splitArray(%q): %v, want %v", data, err, wantErr)
		}
		if err != nil {
			return
		}
		if len(got) != len(want) {
			t.Fatalf("splitArray(%q) = %q, want %q", data, got, want)
		}
		for i := range want {
			if string(got[i]) != string(want[i]) {
				t.Errorf("splitArray(%q)[%d] = %q, want %q", data, i, got[i], want[i])
			}
		}
	})
}

func BenchmarkSplitArray(b *testing.B) {
	data := []byte(`["send message",{"touser":"5f2b1c3e-0000-4000-8000-1234567890ab","msg":"hello, how are you today?","type":1,"waitingid":"abc123","refer":{"msgid":"17"}}]`)
	var args [4]json.RawMessage
	b.ReportAllocs()
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := splitArray(data, args[:0], 10); err != nil {
			b.Fatal(err)
		}
	}
}
