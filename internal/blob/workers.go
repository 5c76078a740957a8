package blob

import (
	"context"
	"fmt"

	"golang.org/x/sync/semaphore"
)

// Workers bound what decoding pictures may take, all of it together: processors,
// and memory, which a small file can need much of. Others wait. Safe for
// concurrent use.
type Workers struct {
	slots  chan struct{}
	memory *semaphore.Weighted
	most   int64
}

// NewWorkers lets so many pictures be decoded at the same time, in so many bytes.
func NewWorkers(n int, memory int64) *Workers {
	return &Workers{slots: make(chan struct{}, n), memory: semaphore.NewWeighted(memory), most: memory}
}

// acquire waits for a turn. A picture that would take more than all there is gets
// none: [ErrPixels].
func (w *Workers) acquire(ctx context.Context, p picture) (release func(), err error) {
	need := p.memory()
	if need > w.most {
		return nil, fmt.Errorf("%w: to decode it takes %d bytes of memory, %d are there", ErrPixels, need, w.most)
	}
	if err := w.memory.Acquire(ctx, need); err != nil {
		return nil, fmt.Errorf("blob: %w", err)
	}
	select {
	case w.slots <- struct{}{}:
		return func() {
			<-w.slots
			w.memory.Release(need)
		}, nil
	case <-ctx.Done():
		w.memory.Release(need)
		return nil, fmt.Errorf("blob: %w", ctx.Err())
	}
}
