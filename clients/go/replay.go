package otpproof

import (
	"context"
	"sync"
	"time"
)

// MemoryReplay remembers used proofs in the memory of this process. Several processes need a store that they share.
type MemoryReplay struct {
	mutex sync.Mutex
	used  map[string]time.Time
	swept time.Time
	now   func() time.Time
}

// NewMemoryReplay returns an empty store.
func NewMemoryReplay(now func() time.Time) *MemoryReplay {
	return &MemoryReplay{used: map[string]time.Time{}, now: now}
}

// Use notes a jti until a time, and returns false if it was noted before.
func (m *MemoryReplay) Use(_ context.Context, jti string, until time.Time) (bool, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	now := m.now()
	if now.Sub(m.swept) > time.Minute {
		for each, end := range m.used {
			if end.Before(now) {
				delete(m.used, each)
			}
		}
		m.swept = now
	}
	if _, wasUsed := m.used[jti]; wasUsed {
		return false, nil
	}
	m.used[jti] = until
	return true, nil
}
