package otpproof

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
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

// keySet keeps the keys of the service for an hour. A key that is not known is looked for again at most every 30 seconds.
type keySet struct {
	url     string
	client  *http.Client
	mutex   sync.Mutex
	keys    map[string]*ecdsa.PublicKey
	fetched time.Time
}

func newKeySet(url string) *keySet {
	return &keySet{url: url, client: &http.Client{Timeout: 5 * time.Second}}
}

func (s *keySet) find(ctx context.Context, kid string) (*ecdsa.PublicKey, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	age := time.Since(s.fetched)
	key := s.keys[kid]
	if s.keys == nil || age > time.Hour || (key == nil && age > 30*time.Second) {
		keys, err := s.fetch(ctx)
		if err != nil {
			return nil, &outageError{cause: err}
		}
		s.keys, s.fetched = keys, time.Now()
		key = keys[kid]
	}
	if key == nil {
		return nil, errors.New("the proof is under no key of the service")
	}
	return key, nil
}

func (s *keySet) fetch(ctx context.Context) (map[string]*ecdsa.PublicKey, error) {
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
	var set struct {
		Keys []struct{ Kty, Crv, Kid, X, Y string }
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, 1<<20)).Decode(&set); err != nil {
		return nil, err
	}
	keys := map[string]*ecdsa.PublicKey{}
	for _, each := range set.Keys {
		x, errX := base64.RawURLEncoding.DecodeString(each.X)
		y, errY := base64.RawURLEncoding.DecodeString(each.Y)
		if each.Kty != "EC" || each.Crv != "P-256" || errX != nil || errY != nil {
			continue
		}
		key := &ecdsa.PublicKey{Curve: elliptic.P256(), X: new(big.Int).SetBytes(x), Y: new(big.Int).SetBytes(y)}
		// It refuses a point that is not on the curve.
		if _, err := key.ECDH(); err == nil {
			keys[each.Kid] = key
		}
	}
	return keys, nil
}
