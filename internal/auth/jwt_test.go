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
// signed with "app-secret".
const vector = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9." +
	"eyJpc3MiOiJhcHAta2V5Iiwic3ViIjoiYTEiLCJhdWQiOiJwYXJsZXkiLCJleHAiOjE3ODA1NzQ0MDAsImp0aSI6InMxIn0." +
	"lKfXRA8weAOOfT98zcrWTfyQ_hK5SlzX6Sm5Zmy1wVk"

var vectorExpires = time.Unix(1780574400, 0)

func TestVerifyJWTVector(t *testing.T) {
	got, err := VerifyJWT(vector, "app-secret", "app-key", vectorExpires.Add(-time.Hour))
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
	token, err := SignJWT("app-secret", Claims{Subject: "a1", Issuer: "app-key", IssuedAt: now, ExpiresAt: now.Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	got, err := VerifyJWT(token, "app-secret", "app-key", now)
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
	if _, err := SignJWT("", Claims{Subject: "a1"}); err == nil {
		t.Error("signed without a secret")
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
	hs256 := func(c jwt.MapClaims) string { return sign(jwt.SigningMethodHS256, []byte("app-secret"), c) }
	segment := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

	for name, c := range map[string]struct {
		token string
		want  error
	}{
		"good":                                {hs256(good), nil},
		"aud among others":                    {hs256(but("aud", []string{"elsewhere", "parley"})), nil},
		"expired within the leeway":           {hs256(but("exp", now.Add(-29*time.Second).Unix())), nil},
		"expired":                             {hs256(but("exp", now.Add(-31*time.Second).Unix())), ErrExpired},
		"expired and another's":               {sign(jwt.SigningMethodHS256, []byte("other"), but("exp", now.Add(-time.Hour).Unix())), ErrInvalid},
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
		"another secret":                      {sign(jwt.SigningMethodHS256, []byte("other"), good), ErrInvalid},
		"HS512 with the right secret":         {sign(jwt.SigningMethodHS512, []byte("app-secret"), good), ErrInvalid},
		"alg none":                            {sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, good), ErrInvalid},
		"alg none, signature of a good token": {segment(`{"alg":"none"}`) + hs256(good)[strings.IndexByte(hs256(good), '.'):], ErrInvalid},
		"two parts":                           {"a.b", ErrInvalid},
		"not base64":                          {"!.!.!", ErrInvalid},
		"empty":                               {"", ErrInvalid},
		"huge":                                {hs256(but("sub", strings.Repeat("a", maxJWT))), ErrInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := VerifyJWT(c.token, "app-secret", "app-key", now); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}

	// An application without a secret must not be one whose tokens anybody can sign.
	empty := sign(jwt.SigningMethodHS256, []byte(""), good)
	if _, err := VerifyJWT(empty, "", "app-key", now); !errors.Is(err, ErrInvalid) {
		t.Errorf("empty secret: got %v, want %v", err, ErrInvalid)
	}
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
