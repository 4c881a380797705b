// Package otpproof verifies the proofs of a self-hosted OTP service in a back end, without a call to the service for each.
package otpproof

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const jwksSuffix = "/.well-known/jwks.json"

// Transaction is a payment that a code is good for. Amount is a decimal text with a point.
type Transaction struct {
	Amount   string `json:"amount"`
	Currency string `json:"currency"`
	Payee    string `json:"payee"`
}

// Claims is what a good proof says. Times are epoch seconds.
type Claims struct {
	Issuer      string `json:"iss"`
	Audience    string `json:"aud"`
	Subject     string `json:"sub"`
	PhoneNumber string `json:"phone_number"`
	// Verified is false only if you accept a step-up: the code alone is not enough for the purpose.
	Verified *bool `json:"phone_number_verified"`
	// Risk is checked or unknown: whether the operator of the number said how its SIM stands. It is empty if the purpose does not mind.
	Risk string `json:"risk"`
	// SimSwappedAt is when the SIM was swapped, or the number ported. It is 0 if nothing is known of that.
	SimSwappedAt float64 `json:"sim_swapped_at"`
	// SimSwappedWithin is instead within how many hours before the request, if nobody says when.
	SimSwappedWithin float64 `json:"sim_swapped_within"`
	// Methods is otp, and sms or tel: how the code reached its person.
	Methods     []string     `json:"amr"`
	Purpose     string       `json:"purpose"`
	Transaction *Transaction `json:"transaction"`
	Application string       `json:"azp"`
	IssuedAt    float64      `json:"iat"`
	Expiry      float64      `json:"exp"`
	ID          string       `json:"jti"`
}

// Replay remembers which proofs were used. Use returns false for a jti that was noted before; of parallel calls, one gets true.
type Replay interface {
	Use(ctx context.Context, jti string, until time.Time) (bool, error)
}

// Config says which service a Verifier trusts.
type Config struct {
	// JWKSURL is <endpoint>/.well-known/jwks.json.
	JWKSURL string
	// Audience is the setting of the service.
	Audience string
	// Issuer is the endpoint of the service; by default JWKSURL without /.well-known/jwks.json.
	Issuer string
	// Leeway is how far the clocks may differ; 30 seconds by default.
	Leeway time.Duration
	// Replay is by default in the memory of this process.
	Replay Replay
	// Now is the clock; by default that of the machine.
	Now func() time.Time
}

// Expected is the action that the back end is about to allow.
type Expected struct {
	// Purpose is by default verify-number, as in a request.
	Purpose string
	// PhoneNumber is the number that must have been verified. If it is empty, take the number from the claims.
	PhoneNumber string
	// Transaction is the payment to be made. A proof for a payment is refused without it.
	Transaction *Transaction
	// Application is the one that must have asked for the code. If it is empty, any may have.
	Application string
	// AcceptStepUp takes a proof that is not enough alone, because you ask for something else as well.
	AcceptStepUp bool
}

// Error is a proof that is refused. Nothing of the proof is in its message.
type Error struct {
	// Code is malformed, bad-signature, wrong-type, wrong-issuer, wrong-audience, expired, not-yet-valid, wrong-purpose,
	// wrong-number, wrong-transaction, wrong-application, step-up-required or used-before; cannot-tell if keys or replay store did not answer.
	Code  string
	cause error
}

func (e *Error) Error() string { return "the proof is refused: " + e.Code }

// Unwrap returns the cause of an outage.
func (e *Error) Unwrap() error { return e.cause }

// Verifier verifies proofs. It may be shared by all goroutines.
type Verifier struct {
	config Config
	keys   *keySet
	parser *jwt.Parser
}

// New returns a Verifier, or an error that says what is missing in the Config.
func New(config Config) (*Verifier, error) {
	if config.Audience == "" {
		return nil, errors.New("otpproof: Audience is missing: it is a setting of the service")
	}
	if config.Issuer == "" {
		issuer, found := strings.CutSuffix(config.JWKSURL, jwksSuffix)
		if !found || issuer == "" {
			return nil, errors.New("otpproof: JWKSURL does not end in " + jwksSuffix + ": say in Issuer which service you trust")
		}
		config.Issuer = issuer
	}
	if config.Leeway == 0 {
		config.Leeway = 30 * time.Second
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.Replay == nil {
		config.Replay = NewMemoryReplay(config.Now)
	}
	parser := jwt.NewParser(
		jwt.WithValidMethods([]string{"ES256", "RS256"}),
		jwt.WithIssuer(config.Issuer),
		jwt.WithAudience(config.Audience),
		jwt.WithLeeway(config.Leeway),
		jwt.WithExpirationRequired(),
		jwt.WithIssuedAt(),
		jwt.WithTimeFunc(config.Now),
	)
	return &Verifier{config: config, keys: newKeySet(config.JWKSURL), parser: parser}, nil
}

// Verify returns the claims of a proof, or an *Error. It uses the proof up last, when all else is right.
func (v *Verifier) Verify(ctx context.Context, token string, expected Expected) (*Claims, error) {
	raw := jwt.MapClaims{}
	parsed, err := v.parser.ParseWithClaims(token, raw, func(t *jwt.Token) (any, error) {
		kid, _ := t.Header["kid"].(string)
		return v.keys.find(ctx, kid, t.Method.Alg())
	})
	if err != nil {
		return nil, refusalOf(err)
	}
	if parsed.Header["typ"] != "otp-proof+jwt" {
		return nil, &Error{Code: "wrong-type"}
	}
	claims, err := claimsOf(raw)
	if err != nil {
		return nil, err
	}
	if code := mismatch(claims, expected); code != "" {
		return nil, &Error{Code: code}
	}
	until := time.Unix(int64(claims.Expiry)+1, 0).Add(v.config.Leeway)
	isFirst, err := v.config.Replay.Use(ctx, claims.ID, until)
	if err != nil {
		return nil, &Error{Code: "cannot-tell", cause: err}
	}
	if !isFirst {
		return nil, &Error{Code: "used-before"}
	}
	return claims, nil
}

func refusalOf(err error) *Error {
	var outage *outageError
	switch {
	case errors.As(err, &outage):
		return &Error{Code: "cannot-tell", cause: outage.cause}
	case errors.Is(err, jwt.ErrTokenMalformed):
		return &Error{Code: "malformed"}
	case errors.Is(err, jwt.ErrTokenUnverifiable), errors.Is(err, jwt.ErrTokenSignatureInvalid):
		return &Error{Code: "bad-signature"}
	case errors.Is(err, jwt.ErrTokenExpired):
		return &Error{Code: "expired"}
	case errors.Is(err, jwt.ErrTokenUsedBeforeIssued):
		return &Error{Code: "not-yet-valid"}
	case errors.Is(err, jwt.ErrTokenInvalidIssuer):
		return &Error{Code: "wrong-issuer"}
	case errors.Is(err, jwt.ErrTokenInvalidAudience):
		return &Error{Code: "wrong-audience"}
	}
	return &Error{Code: "malformed"}
}

// claimsOf reads the claims into their types. A list of audiences is none of the service's.
func claimsOf(raw jwt.MapClaims) (*Claims, error) {
	if _, isText := raw["aud"].(string); !isText {
		return nil, &Error{Code: "wrong-audience"}
	}
	text, err := json.Marshal(raw)
	if err != nil {
		return nil, &Error{Code: "malformed"}
	}
	claims := &Claims{}
	if json.Unmarshal(text, claims) != nil || claims.ID == "" || claims.Subject == "" || claims.PhoneNumber == "" {
		return nil, &Error{Code: "malformed"}
	}
	return claims, nil
}

func mismatch(claims *Claims, expected Expected) string {
	purpose := expected.Purpose
	if purpose == "" {
		purpose = "verify-number"
	}
	switch {
	case claims.Purpose != purpose:
		return "wrong-purpose"
	case expected.PhoneNumber != "" && claims.PhoneNumber != expected.PhoneNumber:
		return "wrong-number"
	case !isSamePayment(claims.Transaction, expected.Transaction):
		return "wrong-transaction"
	case expected.Application != "" && claims.Application != expected.Application:
		return "wrong-application"
	case claims.Verified != nil && !*claims.Verified && !expected.AcceptStepUp:
		return "step-up-required"
	}
	return ""
}
