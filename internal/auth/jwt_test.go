package auth

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"
)

// vector was made with Python's hmac and json: {"iss":"app-key","sub":"a1","aud":"parley","exp":1780574400,"jti":"s1"}
// signed with signingKey.
const vector = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9." +
	"eyJpc3MiOiJhcHAta2V5Iiwic3ViIjoiYTEiLCJhdWQiOiJwYXJsZXkiLCJleHAiOjE3ODA1NzQ0MDAsImp0aSI6InMxIn0." +
	"mSxQgOjLcvgtBaimNvrH1wYQKiy9zkXHSLjmMAissjo"

var vectorExpires = time.Unix(1780574400, 0)

const (
	signingKey = "app-key-of-at-least-thirty-two-bytes"
	olderKey   = "older-key-of-at-least-thirty-two-bytes"
	month      = 30 * 24 * time.Hour
)

func verify(token string, now time.Time) (Claims, error) {
	return JWTVerifier{Keys: []string{signingKey}, Issuer: "app-key", MaxLife: month, Now: now}.Verify(token)
}

func TestVerifyJWTVector(t *testing.T) {
	got, err := verify(vector, vectorExpires.Add(-time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	want := Claims{Subject: "a1", Issuer: "app-key", ID: "s1", ExpiresAt: vectorExpires}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("claims (-got +want):\n%s", diff)
	}
}

func TestSignJWT(t *testing.T) {
	now := time.Unix(1_780_000_000, 0)
	token, err := SignJWT(signingKey, Claims{Subject: "a1", Issuer: "app-key", IssuedAt: now, ExpiresAt: now.Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	got, err := verify(token, now)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.ID) != 32 {
		t.Errorf("got id %q, want a digest of 32 letters", got.ID)
	}
	got.ID = ""
	want := Claims{Subject: "a1", Issuer: "app-key", IssuedAt: now, ExpiresAt: now.Add(time.Hour)}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("claims (-got +want):\n%s", diff)
	}
	if _, err := SignJWT(signingKey[:MinSigningKey-1], Claims{Subject: "a1"}); err == nil {
		t.Error("signed with a key that can be guessed")
	}
}

func TestVerifyJWTRefuses(t *testing.T) {
	now := time.Unix(1_780_000_000, 0)
	good := jwt.MapClaims{"iss": "app-key", "sub": "a1", "aud": "parley", "exp": now.Add(time.Hour).Unix()}
	but := func(key string, value any) jwt.MapClaims {
		c := jwt.MapClaims{}
		for k, v := range good {
			c[k] = v
		}
		if c[key] = value; value == nil {
			delete(c, key)
		}
		return c
	}
	sign := func(method jwt.SigningMethod, key any, c jwt.MapClaims) string {
		token, err := jwt.NewWithClaims(method, c).SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	hs256 := func(c jwt.MapClaims) string { return sign(jwt.SigningMethodHS256, []byte(signingKey), c) }
	segment := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

	for name, c := range map[string]struct {
		token string
		want  error
	}{
		"good":                                {hs256(good), nil},
		"aud among others":                    {hs256(but("aud", []string{"elsewhere", "parley"})), nil},
		"expired within the leeway":           {hs256(but("exp", now.Add(-29*time.Second).Unix())), nil},
		"expired":                             {hs256(but("exp", now.Add(-31*time.Second).Unix())), ErrExpired},
		"expired and another's":               {sign(jwt.SigningMethodHS256, []byte(olderKey), but("exp", now.Add(-time.Hour).Unix())), ErrInvalid},
		"expired and for somebody else":       {hs256(jwt.MapClaims{"iss": "app-key", "sub": "a1", "aud": "x", "exp": 1}), ErrInvalid},
		"issued within the leeway":            {hs256(but("iat", now.Add(29*time.Second).Unix())), nil},
		"issued in the future":                {hs256(but("iat", now.Add(time.Minute).Unix())), ErrInvalid},
		"not yet":                             {hs256(but("nbf", now.Add(time.Minute).Unix())), ErrInvalid},
		"no exp":                              {hs256(but("exp", nil)), ErrInvalid},
		"exp is a text":                       {hs256(but("exp", "tomorrow")), ErrInvalid},
		"no aud":                              {hs256(but("aud", nil)), ErrInvalid},
		"another aud":                         {hs256(but("aud", "elsewhere")), ErrInvalid},
		"no iss":                              {hs256(but("iss", nil)), ErrInvalid},
		"another iss":                         {hs256(but("iss", "other-key")), ErrInvalid},
		"no sub":                              {hs256(but("sub", nil)), ErrInvalid},
		"sub is a number":                     {hs256(but("sub", 7)), ErrInvalid},
		"another secret":                      {sign(jwt.SigningMethodHS256, []byte(olderKey), good), ErrInvalid},
		"HS512 with the right secret":         {sign(jwt.SigningMethodHS512, []byte(signingKey), good), ErrInvalid},
		"alg none":                            {sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, good), ErrInvalid},
		"alg none, signature of a good token": {segment(`{"alg":"none"}`) + hs256(good)[strings.IndexByte(hs256(good), '.'):], ErrInvalid},
		"two parts":                           {"a.b", ErrInvalid},
		"not base64":                          {"!.!.!", ErrInvalid},
		"empty":                               {"", ErrInvalid},
		"huge":                                {hs256(but("sub", strings.Repeat("a", maxJWT))), ErrInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := verify(c.token, now); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}

	// An application without a key must not be one whose tokens anybody can sign,
	// nor one whose key can be guessed from a token.
	for _, key := range []string{"", signingKey[:MinSigningKey-1]} {
		v := JWTVerifier{Keys: []string{key}, Issuer: "app-key", MaxLife: month, Now: now}
		if _, err := v.Verify(sign(jwt.SigningMethodHS256, []byte(key), good)); !errors.Is(err, ErrInvalid) {
			t.Errorf("key of %d bytes: got %v, want %v", len(key), err, ErrInvalid)
		}
	}
	if _, err := (JWTVerifier{Issuer: "app-key", MaxLife: month, Now: now}).Verify(hs256(good)); !errors.Is(err, ErrInvalid) {
		t.Errorf("no key: got %v, want %v", err, ErrInvalid)
	}
}

// While a key is replaced, tokens of either are good.
func TestVerifyJWTWithTwoKeys(t *testing.T) {
	now := time.Unix(1_780_000_000, 0)
	v := JWTVerifier{Keys: []string{signingKey, olderKey}, Issuer: "app-key", MaxLife: month, Now: now}
	for _, key := range v.Keys {
		token, err := SignJWT(key, Claims{Subject: "a1", Issuer: "app-key", ExpiresAt: now.Add(time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := v.Verify(token); err != nil {
			t.Errorf("signed with %s: %v", key, err)
		}
	}
}

// The parser used before took a header with crit, a text for exp, a name that
// stands twice or in capitals, any exp however far, and line breaks within a token.
func TestVerifyJWTTakesOneFormAlone(t *testing.T) {
	now := time.Unix(1_780_000_000, 0)
	segment := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	const header, claims = `{"alg":"HS256","typ":"JWT"}`, `{"iss":"app-key","sub":"a1","aud":"parley","exp":1780003600}`
	raw := func(input string) string { return input + "." + segment(string(digestJWT(signingKey, input))) }
	token := func(header, claims string) string { return raw(segment(header) + "." + segment(claims)) }
	exp := func(v string) string { return strings.Replace(claims, "1780003600", v, 1) }
	with := func(more string) string { return strings.Replace(claims, "{", "{"+more+",", 1) }
	aud := func(v string) string { return strings.Replace(claims, `"parley"`, v, 1) }
	good := token(header, claims)
	last := good[len(good)-1]

	for name, c := range map[string]struct {
		token string
		want  error
	}{
		"good":                            {good, nil},
		"kid, which nobody looks up":      {token(`{"alg":"HS256","kid":"../../dev/null"}`, claims), nil},
		"jwk of the sender's":             {token(`{"alg":"HS256","jwk":{"kty":"oct","k":"AA"}}`, claims), nil},
		"private claims":                  {token(header, with(`"role":{"a":1,"a":2}`)), nil},
		"typ in small letters":            {token(`{"alg":"HS256","typ":"jwt"}`, claims), nil},
		"typ of an access token":          {token(`{"alg":"HS256","typ":"at+JWT"}`, claims), nil},
		"no typ":                          {token(`{"alg":"HS256"}`, claims), nil},
		"typ of another kind":             {token(`{"alg":"HS256","typ":"logout+jwt"}`, claims), ErrInvalid},
		"typ is empty":                    {token(`{"alg":"HS256","typ":""}`, claims), ErrInvalid},
		"typ is null":                     {token(`{"alg":"HS256","typ":null}`, claims), ErrInvalid},
		"typ is a list":                   {token(`{"alg":"HS256","typ":["JWT"]}`, claims), ErrInvalid},
		"crit":                            {token(`{"alg":"HS256","crit":["exp"]}`, claims), ErrInvalid},
		"crit of nothing":                 {token(`{"alg":"HS256","crit":[]}`, claims), ErrInvalid},
		"crit unknown":                    {token(`{"alg":"HS256","crit":["x"],"x":1}`, claims), ErrInvalid},
		"b64":                             {token(`{"alg":"HS256","b64":false}`, claims), ErrInvalid},
		"b64 with crit":                   {token(`{"alg":"HS256","b64":false,"crit":["b64"]}`, claims), ErrInvalid},
		"no alg":                          {token(`{"typ":"JWT"}`, claims), ErrInvalid},
		"alg in small letters":            {token(`{"alg":"hs256"}`, claims), ErrInvalid},
		"alg twice":                       {token(`{"alg":"none","alg":"HS256"}`, claims), ErrInvalid},
		"alg is null":                     {token(`{"alg":null}`, claims), ErrInvalid},
		"ALG":                             {token(`{"ALG":"HS256"}`, claims), ErrInvalid},
		"header is a list":                {token(`["HS256"]`, claims), ErrInvalid},
		"header is followed by something": {token(header+`{}`, claims), ErrInvalid},
		"claims are a text":               {token(header, `"a1"`), ErrInvalid},
		"claims are null":                 {token(header, `null`), ErrInvalid},
		"claims are not UTF-8":            {token(header, with(`"x":"`+"\xff"+`"`)), ErrInvalid},
		"claims are cut off":              {token(header, claims[:len(claims)-1]), ErrInvalid},
		"exp is a text":                   {token(header, exp(`"1780003600"`)), ErrInvalid},
		"exp is null":                     {token(header, exp(`null`)), ErrInvalid},
		"exp is true":                     {token(header, exp(`true`)), ErrInvalid},
		"exp is a list":                   {token(header, exp(`[1780003600]`)), ErrInvalid},
		"exp has a fraction":              {token(header, exp(`1780003600.5`)), nil},
		"exp with an exponent":            {token(header, exp(`1.7800036e9`)), nil},
		"exp in milliseconds":             {token(header, exp(`1780003600000`)), ErrInvalid},
		"exp is huge":                     {token(header, exp(`1e300`)), ErrInvalid},
		"exp is no number of ours":        {token(header, exp(`1e999`)), ErrInvalid},
		"exp overflows":                   {token(header, exp(`9223372036854775808`)), ErrInvalid},
		"exp is negative":                 {token(header, exp(`-1`)), ErrInvalid},
		"exp is 0":                        {token(header, exp(`0`)), ErrExpired},
		"exp twice":                       {token(header, with(`"exp":1`)), ErrInvalid},
		"exp twice, once escaped":         {token(header, with(`"e\u0078p":1`)), ErrInvalid},
		"EXP alone":                       {token(header, strings.Replace(claims, "exp", "EXP", 1)), ErrInvalid},
		"the longest life":                {token(header, exp(`1782592000`)), nil},
		"a longer life":                   {token(header, exp(`1782592031`)), ErrInvalid},
		"an endless life":                 {token(header, exp(`253402300799`)), ErrInvalid},
		"a longer life since iat":         {token(header, with(`"iat":1777000000`)), ErrInvalid},
		"iat is a text":                   {token(header, with(`"iat":"1780000000"`)), ErrInvalid},
		"iat is null":                     {token(header, with(`"iat":null`)), ErrInvalid},
		"nbf is a text":                   {token(header, with(`"nbf":"1"`)), ErrInvalid},
		"nbf past":                        {token(header, with(`"nbf":1779999999.5`)), nil},
		"nbf in the year 10000":           {token(header, with(`"nbf":253402300800`)), ErrInvalid},
		"sub is empty":                    {token(header, strings.Replace(claims, "a1", "", 1)), ErrInvalid},
		"sub twice":                       {token(header, with(`"sub":"a2"`)), ErrInvalid},
		"sub is null":                     {token(header, strings.Replace(claims, `"a1"`, "null", 1)), ErrInvalid},
		"iss is a list":                   {token(header, strings.Replace(claims, `"app-key"`, `["app-key"]`, 1)), ErrInvalid},
		"aud among others":                {token(header, aud(`["elsewhere","parley"]`)), nil},
		"aud is an empty list":            {token(header, aud(`[]`)), ErrInvalid},
		"aud with a number":               {token(header, aud(`["parley",7]`)), ErrInvalid},
		"aud with null":                   {token(header, aud(`["parley",null]`)), ErrInvalid},
		"aud is an object":                {token(header, aud(`{"parley":true}`)), ErrInvalid},
		"aud in capitals":                 {token(header, aud(`"Parley"`)), ErrInvalid},
		"jti is a number":                 {token(header, with(`"jti":7`)), ErrInvalid},
		"jti that could not be revoked":   {token(header, with(`"jti":"`+strings.Repeat("j", 129)+`"`)), ErrInvalid},
		"jti with a control character":    {token(header, with(`"jti":"a\u0000"`)), ErrInvalid},
		"a line break in the signature":   {good[:len(good)-4] + "\n" + good[len(good)-4:], ErrInvalid},
		"a line break in the claims":      {raw(segment(header) + ".\n" + segment(claims)), ErrInvalid},
		"padded":                          {good + "=", ErrInvalid},
		// The last letter of 32 bytes has two bits that mean nothing.
		"another spelling of the signature": {good[:len(good)-1] + string(last+1), ErrInvalid},
		"no signature":                      {good[:strings.LastIndexByte(good, '.')+1], ErrInvalid},
		"four parts":                        {good + ".", ErrInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := verify(c.token, now); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

// FuzzVerifyJWT signs whatever header and claims: what is accepted here, the
// library that is used elsewhere accepts, too, and reads the same in it.
func FuzzVerifyJWT(f *testing.F) {
	const header, claims = `{"alg":"HS256","typ":"JWT"}`, `{"iss":"app-key","sub":"a1","aud":["parley"],"exp":1780003600,"nbf":1,"iat":1779999999.5,"jti":"s"}`
	f.Add(header, claims)
	f.Add(`{"alg":"HS256","crit":["x"]}`, claims)
	f.Add(header, `{"iss":"app-key","sub":"a1","aud":"parley","exp":1e300,"EXP":1780003600}`)
	f.Add(header, `{"iss":"app-key","sub":"a1","aud":"parley","exp":1780003600,"EXP":1,"NBF":1780009999}`)
	now := time.Unix(1_780_000_000, 0)
	f.Fuzz(func(t *testing.T, header, claims string) {
		signed := segment([]byte(header)) + "." + segment([]byte(claims))
		token := signed + "." + segment(digestJWT(signingKey, signed))
		got, err := verify(token, now)
		if err != nil {
			if !errors.Is(err, ErrInvalid) && !errors.Is(err, ErrExpired) {
				t.Errorf("got %v, want one of the two refusals", err)
			}
			return
		}
		want := jwt.MapClaims{} // the other form of claims does not tell exp from EXP
		_, err = jwt.NewParser(
			jwt.WithValidMethods([]string{"HS256"}), jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithAudience(Audience),
			jwt.WithIssuer("app-key"), jwt.WithLeeway(Leeway), jwt.WithTimeFunc(func() time.Time { return now }),
		).ParseWithClaims(token, want, func(*jwt.Token) (any, error) { return []byte(signingKey), nil })
		if err != nil || got.Subject != want["sub"] {
			t.Errorf("%s %s: got %+v, want %+v, %v", header, claims, got, want, err)
		}
	})
}

func TestSecrets(t *testing.T) {
	a, b := NewSecret(), NewSecret()
	if a == b || len(a) != 43 {
		t.Errorf("got %q and %q, want two different ones of 43 letters", a, b)
	}
	if !SameSecret(a, a) || SameSecret(a, b) || SameSecret(a, "") || SameSecret("", a) {
		t.Error("secrets compare wrongly")
	}
}
