package otpproof

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// service is a key set with one key, and the number of times that it was asked for.
type service struct {
	*httptest.Server
	key     *ecdsa.PrivateKey
	fetches atomic.Int32
}

func startService(t *testing.T) *service {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	s := &service{key: key}
	encode := func(bytes []byte) string { return base64.RawURLEncoding.EncodeToString(bytes) }
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		s.fetches.Add(1)
		x, y := key.X.FillBytes(make([]byte, 32)), key.Y.FillBytes(make([]byte, 32))
		jwk := map[string]string{"kty": "EC", "crv": "P-256", "kid": "k", "alg": "ES256", "x": encode(x), "y": encode(y)}
		_ = json.NewEncoder(w).Encode(map[string]any{"keys": []any{jwk}})
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *service) proof(t *testing.T, jti string, kid string) string {
	return s.proofFor(t, jti, kid, "api")
}

func (s *service) proofFor(t *testing.T, jti string, kid string, audience any) string {
	return s.proofWith(t, jti, kid, jwt.MapClaims{"aud": audience})
}

func (s *service) proofWith(t *testing.T, jti string, kid string, more jwt.MapClaims) string {
	claims := jwt.MapClaims{
		"iss": s.URL, "aud": "api", "sub": "s", "phone_number": "+919876543210", "purpose": "login", "jti": jti,
		"iat": time.Now().Unix(), "exp": time.Now().Unix() + 300,
	}
	for name, value := range more {
		claims[name] = value
	}
	token := jwt.NewWithClaims(jwt.SigningMethodES256, claims)
	token.Header["typ"], token.Header["kid"] = "otp-proof+jwt", kid
	signed, err := token.SignedString(s.key)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func newVerifier(t *testing.T, config Config) *Verifier {
	verifier, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	return verifier
}

func codeOf(err error) string {
	var refused *Error
	if errors.As(err, &refused) {
		return refused.Code
	}
	return ""
}

var login = Expected{Purpose: "login"}

func TestOneOfManyParallelUsesIsAccepted(t *testing.T) {
	s := startService(t)
	verifier := newVerifier(t, Config{JWKSURL: s.URL + jwksSuffix, Audience: "api"})
	proof := s.proof(t, "raced", "k")
	var accepted atomic.Int32
	var all sync.WaitGroup
	for range 50 {
		all.Add(1)
		go func() {
			defer all.Done()
			if _, err := verifier.Verify(context.Background(), proof, login); err == nil {
				accepted.Add(1)
			} else if codeOf(err) != "used-before" {
				t.Error(err)
			}
		}()
	}
	all.Wait()
	if accepted.Load() != 1 || s.fetches.Load() != 1 {
		t.Fatalf("%d were accepted, and the keys were fetched %d times", accepted.Load(), s.fetches.Load())
	}
}

func TestAClockThatIsBehindIsNamedAndNotTheProof(t *testing.T) {
	s := startService(t)
	for ahead, code := range map[time.Duration]string{20 * time.Second: "", 10 * time.Minute: "not-yet-valid", -10 * time.Minute: "expired"} {
		// The clock of the back end is behind that of the service by so much.
		now := func() time.Time { return time.Now().Add(-ahead) }
		verifier := newVerifier(t, Config{JWKSURL: s.URL + jwksSuffix, Audience: "api", Now: now})
		if _, err := verifier.Verify(context.Background(), s.proof(t, "ahead", "k"), login); codeOf(err) != code {
			t.Fatalf("%v ahead: %v", ahead, err)
		}
	}
}

func TestUnknownKeysDoNotFloodTheService(t *testing.T) {
	s := startService(t)
	verifier := newVerifier(t, Config{JWKSURL: s.URL + jwksSuffix, Audience: "api"})
	for range 20 {
		if _, err := verifier.Verify(context.Background(), s.proof(t, "j", "other"), login); codeOf(err) != "bad-signature" {
			t.Fatal(err)
		}
	}
	if s.fetches.Load() != 1 {
		t.Fatalf("the keys were fetched %d times", s.fetches.Load())
	}
}

func TestUnknownKeysDoNotFloodAServiceThatIsDown(t *testing.T) {
	s := startService(t)
	verifier := newVerifier(t, Config{JWKSURL: s.URL + jwksSuffix, Audience: "api"})
	if _, err := verifier.Verify(context.Background(), s.proof(t, "first", "k"), login); err != nil {
		t.Fatal(err)
	}
	var fetches atomic.Int32
	s.Server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fetches.Add(1)
		w.WriteHeader(503)
	})
	verifier.keys.fetched = time.Now().Add(-time.Minute)
	for range 20 {
		if _, err := verifier.Verify(context.Background(), s.proof(t, "j", "other"), login); codeOf(err) != "cannot-tell" {
			t.Fatal(err)
		}
	}
	if fetches.Load() != 1 {
		t.Fatalf("the keys were asked for %d times", fetches.Load())
	}
	if _, err := verifier.Verify(context.Background(), s.proof(t, "last", "k"), login); err != nil {
		t.Fatalf("a proof under the known key was refused: %v", err)
	}
}

func TestACallerThatGivesUpKeepsNoOtherFromTheKeys(t *testing.T) {
	s := startService(t)
	verifier := newVerifier(t, Config{JWKSURL: s.URL + jwksSuffix, Audience: "api"})
	if _, err := verifier.Verify(context.Background(), s.proof(t, "first", "k"), login); err != nil {
		t.Fatal(err)
	}
	verifier.keys.fetched = time.Now().Add(-time.Minute)
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := verifier.Verify(gone, s.proof(t, "j", "other"), login); codeOf(err) != "cannot-tell" {
		t.Fatal(err)
	}
	if _, err := verifier.Verify(context.Background(), s.proof(t, "j", "other"), login); codeOf(err) != "bad-signature" {
		t.Fatal(err)
	}
}

func TestAProofIsTakenUnderTheOneAlgorithmThatItsKeyDeclares(t *testing.T) {
	ecKey, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	good, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	encode := base64.RawURLEncoding.EncodeToString
	publicEC := func(kid, alg string) map[string]string {
		x, y := ecKey.X.FillBytes(make([]byte, 32)), ecKey.Y.FillBytes(make([]byte, 32))
		return map[string]string{"kty": "EC", "crv": "P-256", "kid": kid, "alg": alg, "x": encode(x), "y": encode(y)}
	}
	publicRSA := func(key *rsa.PrivateKey, kid, alg string) map[string]string {
		return map[string]string{"kty": "RSA", "kid": kid, "alg": alg, "n": encode(key.N.Bytes()), "e": "AQAB"}
	}
	keys := []map[string]string{
		publicEC("ec", "ES256"), publicRSA(good, "rsa", "RS256"), publicRSA(weak, "weak", "RS256"),
		publicRSA(good, "pss", "PS256"), publicRSA(good, "undeclared", ""), publicEC("ec-undeclared", ""),
		publicRSA(good, "rsa-as-ec", "ES256"), publicEC("ec-as-rsa", "RS256"),
		{"kty": "oct", "k": encode([]byte("secret")), "kid": "oct", "alg": "HS256"},
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{"keys": keys})
	}))
	t.Cleanup(server.Close)
	verifier := newVerifier(t, Config{JWKSURL: server.URL + jwksSuffix, Audience: "api"})
	pem, err := x509.MarshalPKIXPublicKey(&good.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	for _, each := range []struct {
		code, kid, alg string
		method         jwt.SigningMethod
		key            any
	}{
		{"", "ec", "ES256", jwt.SigningMethodES256, ecKey},
		{"", "rsa", "RS256", jwt.SigningMethodRS256, good},
		{"bad-signature", "ec", "RS256", jwt.SigningMethodES256, ecKey},
		{"bad-signature", "rsa", "ES256", jwt.SigningMethodRS256, good},
		{"bad-signature", "rsa", "RS256", jwt.SigningMethodRS256, weak},
		{"bad-signature", "weak", "RS256", jwt.SigningMethodRS256, weak},
		{"bad-signature", "pss", "PS256", jwt.SigningMethodPS256, good},
		{"bad-signature", "pss", "RS256", jwt.SigningMethodRS256, good},
		{"bad-signature", "rsa", "PS256", jwt.SigningMethodPS256, good},
		{"bad-signature", "undeclared", "RS256", jwt.SigningMethodRS256, good},
		{"bad-signature", "ec-undeclared", "ES256", jwt.SigningMethodES256, ecKey},
		{"bad-signature", "rsa-as-ec", "ES256", jwt.SigningMethodRS256, good},
		{"bad-signature", "ec-as-rsa", "RS256", jwt.SigningMethodES256, ecKey},
		{"bad-signature", "ec-as-rsa", "ES256", jwt.SigningMethodES256, ecKey},
		{"bad-signature", "rsa", "HS256", jwt.SigningMethodHS256, pem},
		{"bad-signature", "oct", "HS256", jwt.SigningMethodHS256, []byte("secret")},
		{"bad-signature", "rsa", "none", jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType},
	} {
		token := jwt.NewWithClaims(each.method, jwt.MapClaims{
			"iss": server.URL, "aud": "api", "sub": "s", "phone_number": "+919876543210", "purpose": "login",
			"jti": each.kid + each.alg, "iat": time.Now().Unix(), "exp": time.Now().Unix() + 300,
		})
		token.Header["typ"], token.Header["kid"], token.Header["alg"] = "otp-proof+jwt", each.kid, each.alg
		proof, err := token.SignedString(each.key)
		if err != nil {
			t.Fatal(err)
		}
		_, err = verifier.Verify(context.Background(), proof, login)
		if (err == nil) != (each.code == "") || codeOf(err) != each.code {
			t.Errorf("%s under the key %q: %v", each.alg, each.kid, err)
		}
	}
}

func TestAListOfAudiencesIsAnotherAudience(t *testing.T) {
	s := startService(t)
	verifier := newVerifier(t, Config{JWKSURL: s.URL + jwksSuffix, Audience: "api"})
	proof := s.proofFor(t, "several", "k", []string{"api"})
	if _, err := verifier.Verify(context.Background(), proof, login); codeOf(err) != "wrong-audience" {
		t.Fatal(err)
	}
}

func TestAProofThatIsNotEnoughAloneIsTakenIfAskedFor(t *testing.T) {
	s := startService(t)
	verifier := newVerifier(t, Config{JWKSURL: s.URL + jwksSuffix, Audience: "api"})
	proof := s.proofWith(t, "step-up", "k", jwt.MapClaims{
		"phone_number_verified": false, "risk": "checked", "sim_swapped_at": 1796029200, "sim_swapped_within": 240,
		"amr": []string{"otp", "sms"},
	})
	if _, err := verifier.Verify(context.Background(), proof, login); codeOf(err) != "step-up-required" {
		t.Fatalf("got %v for a proof that is not enough alone", err)
	}
	claims, err := verifier.Verify(context.Background(), proof, Expected{Purpose: "login", AcceptStepUp: true})
	if err != nil {
		t.Fatalf("got %v with AcceptStepUp", err)
	}
	if claims.Verified == nil || *claims.Verified {
		t.Fatal("the claims do not say that the number is not verified")
	}
	if claims.Risk != "checked" || claims.SimSwappedAt != 1796029200 || claims.SimSwappedWithin != 240 {
		t.Fatalf("the claims do not say what is known of the SIM: %+v", claims)
	}
	if len(claims.Methods) != 2 || claims.Methods[1] != "sms" {
		t.Fatalf("the claims do not say how the code came: %v", claims.Methods)
	}
}

func TestAnOutageIsNoVerdict(t *testing.T) {
	s := startService(t)
	away := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }))
	defer away.Close()
	verifier := newVerifier(t, Config{JWKSURL: away.URL + jwksSuffix, Audience: "api", Issuer: s.URL})
	if _, err := verifier.Verify(context.Background(), s.proof(t, "j", "k"), login); codeOf(err) != "cannot-tell" {
		t.Fatal(err)
	}
}

func TestAnIncompleteConfigIsRefused(t *testing.T) {
	for _, config := range []Config{{}, {Audience: "api"}, {JWKSURL: "https://otp/keys", Audience: "api"}, {JWKSURL: "https://otp" + jwksSuffix}} {
		if _, err := New(config); err == nil {
			t.Fatalf("%+v was accepted", config)
		}
	}
}

func TestTheMemoryForgetsExpiredProofsOnly(t *testing.T) {
	now := time.Unix(0, 0)
	memory := NewMemoryReplay(func() time.Time { return now })
	use := func(jti string, until int64) bool {
		isFirst, _ := memory.Use(context.Background(), jti, time.Unix(until, 0))
		return isFirst
	}
	use("short", 100)
	use("long", 1000)
	now = time.Unix(500, 0)
	if use("long", 1000) || !use("short", 1000) {
		t.Fatal("the memory has forgotten a proof that lives, or keeps one that is dead")
	}
}
