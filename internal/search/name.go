package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mozillazg/go-pinyin"
)

// Name is a name as it is stored for a directory.
type Name struct {
	Initial string // "A" to "Z", or "#": the letter under which the name is listed
	Place   string // orders names as in a phone book, with # after Z; never empty
	Find    string // the text that [Person.Match] searches
}

// maxPlace is the number of syllables and words of a name that decide its place.
const maxPlace = 24

// NewName prepares a name, and other texts by which its owner can be found.
func NewName(name string, also ...string) Name {
	folded := Fold(name)
	spelled := spell(folded)
	n := Name{Initial: "#"}
	if len(spelled) > 0 && len(spelled[0]) > 0 {
		if c := spelled[0][0]; 'a' <= c && c <= 'z' && startsSpelled(folded) {
			n.Initial = string(c - 'a' + 'A')
		}
	}
	place := strings.Join(spelled[:min(len(spelled), maxPlace)], " ")
	if n.Initial == "#" {
		place = "~" + folded // after every letter
	}
	n.Place = place + "\x01" + cutRunes(folded, 4*maxPlace)

	lines := []string{strings.Join(spelled, " "), folded}
	if other := spellSurname(folded, spelled); other != "" {
		lines = append(lines, spelledMark+other)
	}
	for _, s := range also {
		if s != "" {
			lines = append(lines, Fold(s))
		}
	}
	for i := range lines {
		lines[i] = strings.ReplaceAll(lines[i], "\n", " ")
	}
	n.Find = strings.Join(lines, "\n")
	return n
}

// PlaceInitial returns the Initial of the name with this Place.
func PlaceInitial(place string) string {
	if place == "" || place[0] < 'a' || place[0] > 'z' {
		return "#"
	}
	return string(place[0] - 'a' + 'A')
}

// Initial returns the letter under which a name is listed: "A" to "Z", or "#".
func Initial(name string) string { return NewName(cutRunes(name, 4)).Initial }

// spelledMark begins an additional line of Find that contains a spelling, not the name itself.
const spelledMark = "\x02"

// startsSpelled reports whether the name begins with a character that has a spelling: a
// Latin letter or a Chinese character.
func startsSpelled(folded string) bool {
	r, _ := utf8.DecodeRuneInString(folded)
	return 'a' <= r && r <= 'z' || pinyin.SinglePinyin(r, plain) != nil || latin(r) != 0
}

var plain = pinyin.NewArgs()

// spell returns the syllables of the Chinese characters of a name and the words
// between them. Characters of other scripts are unchanged.
func spell(folded string) (all []string) {
	var word strings.Builder
	end := func() {
		if word.Len() > 0 {
			all = append(all, word.String())
			word.Reset()
		}
	}
	first := true
	for _, r := range folded {
		if read := pinyin.SinglePinyin(r, plain); len(read) > 0 {
			end()
			syllable := read[0]
			if surname, ok := surnames[r]; ok && first {
				syllable = surname
			}
			all = append(all, syllable)
		} else if kind := classOf(r); kind == space || kind == sign {
			end()
		} else if base := latin(r); base != 0 {
			word.WriteByte(base)
		} else {
			word.WriteRune(r)
		}
		first = false
	}
	end()
	return all
}

// spellSurname returns the spelling with the usual reading of the first character, if that
// character is read differently in a surname. People type both.
func spellSurname(folded string, spelled []string) string {
	r, _ := utf8.DecodeRuneInString(folded)
	if _, ok := surnames[r]; !ok || len(spelled) == 0 {
		return ""
	}
	usual := pinyin.SinglePinyin(r, plain)[0]
	return strings.Join(append([]string{usual}, spelled[1:]...), " ")
}

// surnames are characters that are read differently in a surname.
var surnames = map[rune]string{
	'单': "shan", '曾': "zeng", '解': "xie", '仇': "qiu", '区': "ou", '查': "zha", '朴': "piao", '任': "ren",
	'华': "hua", '翟': "zhai", '缪': "miao", '覃': "qin", '员': "yun", '冼': "xian", '乐': "yue", '召': "shao",
	'纪': "ji", '葛': "ge", '种': "chong", '秘': "bi", '繁': "po", '折': "she", '盖': "ge", '隗': "wei",
	'尉': "wei", '洗': "xian", '晟': "cheng", '逄': "pang", '贲': "ben", '卜': "bu", '车': "che", '都': "du",
}

// latin returns a Latin letter without its accents, 0 for other characters.
func latin(r rune) byte {
	if 'a' <= r && r <= 'z' {
		return byte(r)
	}
	if 0xC0 <= r && r < 0x250 || 0x1E00 <= r && r < 0x1F00 {
		if base := decompose(r); 'a' <= base && base <= 'z' {
			return byte(base)
		}
	}
	return 0
}

// Person is a query for people and groups. A name matches if it has all terms. A term can
// be anywhere in the name or address, or match the spelling: in full, by initials, or in
// any mixture. 张三丰 is found by 三丰, "zhang", "zsf", "zhsanf" and "sanfeng". A phrase in
// quotation marks must occur in the name, its spelling or the address, in whole words.
type Person struct{ terms []term }

// ParsePerson parses the text that a person typed.
func ParsePerson(typed string) Person { return Person{terms(typed)} }

// Empty reports whether the query has no terms. An empty query matches everybody.
func (p Person) Empty() bool { return len(p.terms) == 0 }

// Patterns returns a pattern of SQL's LIKE for each term. Every [Name].Find that matches has all of
// them: the letters and digits of the term in their order. So the database leaves out nearly
// everybody else.
func (p Person) Patterns() []string {
	all := make([]string, len(p.terms))
	for i, term := range p.terms {
		var pattern strings.Builder
		pattern.WriteByte('%')
		for _, r := range strings.Join(term.parts, "") {
			if unicode.IsLetter(r) || unicode.IsDigit(r) { // no character that LIKE or a database takes differently
				pattern.WriteRune(r)
				pattern.WriteByte('%')
			}
		}
		all[i] = pattern.String()
	}
	return all
}

// Match reports whether [Name].Find matches.
func (p Person) Match(find string) bool { return p.match(find, false) }

// MatchName is [Person.Match] for a reader who may see only the name. Matches of the address
// would let the reader guess it.
func (p Person) MatchName(find string) bool { return p.match(find, true) }

func (p Person) match(find string, nameOnly bool) bool {
	for _, term := range p.terms {
		if !matchPerson(find, term, nameOnly) {
			return false
		}
	}
	return true
}

func matchPerson(find string, t term, nameOnly bool) bool {
	for i := 0; find != ""; i++ {
		line, rest, _ := strings.Cut(find, "\n")
		find = rest
		spelled, marked := strings.CutPrefix(line, spelledMark)
		switch {
		case i == 0 || marked:
			if t.phrase && t.in(spelled) || !t.phrase && spelledLike(strings.Fields(spelled), t.parts[0]) {
				return true
			}
		case i > 1 && nameOnly:
			return false // the lines of the name come first
		case t.in(line):
			return true
		}
	}
	return false
}

// in reports whether the line has the term: a phrase as whole words, any other term
// anywhere.
func (t term) in(line string) bool {
	if !t.phrase {
		return strings.Contains(line, t.parts[0])
	}
	begin, _ := t.find(line, 0, false)
	return begin >= 0
}

// spelledLike reports whether the term consists of beginnings of consecutive syllables. The
// first one can be any syllable.
func spelledLike(syllables []string, term string) bool {
	// here[n]: the first n letters of the term match syllables that end before this one.
	here, next := make([]bool, len(term)+1), make([]bool, len(term)+1)
	for _, s := range syllables {
		here[0] = true
		clear(next)
		for n := range term {
			if !here[n] {
				continue
			}
			for i := 0; i < len(s) && n+i < len(term) && s[i] == term[n+i]; i++ {
				next[n+i+1] = true
			}
		}
		if next[len(term)] {
			return true
		}
		here, next = next, here
	}
	return false
}

func cutRunes(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}
