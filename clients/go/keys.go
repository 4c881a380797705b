package otpproof

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"sync"
	"time"
)

// outageError says that the key set could not be read: no fault of the proof.
type outageError struct{ cause error }

func (e *outageError) Error() string {
	return "the keys of the service could not be read: check JWKSURL"
}

// publicKey is a key with the one algorithm that the key set says it is for.
type publicKey struct {
	alg string
	key crypto.PublicKey
}

// jwk is a key as a key set has it (RFC 7517).
type jwk struct{ Kty, Crv, Kid, Alg, X, Y, N, E string }

// minRSABits is what RFC 7518, section 3.3, asks for.
const minRSABits = 2048

// pause is the time between two looks for keys that are not known.
const pause = 30 * time.Second

// keySet keeps the keys of the service for an hour. A key that is not known is looked for again at most every 30 seconds.
type keySet struct {
	url     string
	client  *http.Client
	mutex   sync.Mutex
	keys    map[string]publicKey
	fetched time.Time
	// The last fetch, if it failed. It counts as one for unknown keys, which anybody can name.
	failed time.Time
}

func newKeySet(url string) *keySet {
	return &keySet{url: url, client: &http.Client{Timeout: 5 * time.Second}}
}

// find returns the key of a name, if it is for the algorithm.
func (s *keySet) find(ctx context.Context, kid, alg string) (crypto.PublicKey, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	age := time.Since(s.fetched)
	found, isKnown := s.keys[kid]
	if s.keys == nil || age > time.Hour || (!isKnown && age > pause) {
		if s.keys != nil && !isKnown && time.Since(s.failed) <= pause {
			return nil, &outageError{cause: errors.New("the keys could not be read a moment ago")}
		}
		keys, err := s.fetch(ctx)
		if err != nil {
			// A caller that gave up says nothing of the service.
			if ctx.Err() == nil {
				s.failed = time.Now()
			}
			return nil, &outageError{cause: err}
		}
		s.keys, s.fetched = keys, time.Now()
		found, isKnown = keys[kid]
	}
	if !isKnown {
		return nil, errors.New("the proof is under no key of the service")
	}
	if found.alg != alg {
		return nil, errors.New("the key of the service is for another algorithm")
	}
	return found.key, nil
}

func (s *keySet) fetch(ctx context.Context) (map[string]publicKey, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url, nil)
	if err != nil {
		return nil, err
	}
	response, err := s.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the key set answered %d", response.StatusCode)
	}
	var set struct{ Keys []jwk }
	if err := json.NewDecoder(io.LimitReader(response.Body, 1<<20)).Decode(&set); err != nil {
		return nil, err
	}
	keys := map[string]publicKey{}
	for _, each := range set.Keys {
		if key := each.public(); key != nil {
			keys[each.Kid] = publicKey{alg: each.Alg, key: key}
		}
	}
	return keys, nil
}

// public returns nil for a key that does not say which of the two algorithms it is for, or does not fit it.
func (k jwk) public() crypto.PublicKey {
	switch {
	case k.Alg == "ES256" && k.Kty == "EC" && k.Crv == "P-256":
		x, errX := number(k.X)
		y, errY := number(k.Y)
		if errX != nil || errY != nil {
			return nil
		}
		key := &ecdsa.PublicKey{Curve: elliptic.P256(), X: x, Y: y}
		// It refuses a point that is not on the curve.
		if _, err := key.ECDH(); err != nil {
			return nil
		}
		return key
	case k.Alg == "RS256" && k.Kty == "RSA":
		n, errN := number(k.N)
		e, errE := number(k.E)
		if errN != nil || errE != nil || n.BitLen() < minRSABits || e.BitLen() > 31 || e.Int64() < 3 {
			return nil
		}
		return &rsa.PublicKey{N: n, E: int(e.Int64())}
	}
	return nil
}

func number(text string) (*big.Int, error) {
	bytes, err := base64.RawURLEncoding.DecodeString(text)
	return new(big.Int).SetBytes(bytes), err
}
