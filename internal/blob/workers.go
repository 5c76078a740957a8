package blob

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"

	"golang.org/x/sync/semaphore"

	"parley/internal/turn"
)

// Workers bound what decoding pictures may take, all of it together: processors,
// and memory, of which a small file can need much. Uploaders are served in turn,
// so that one with many pictures does not delay the others' by all of them. Safe
// for concurrent use.
//
// The memory that is reserved for a picture covers everything that is allocated for
// it. It is given back only after the garbage collector has run: garbage that is
// not collected yet still takes memory.
type Workers struct {
	opened *turn.Queue // pictures of which the original is open, or being fetched
	turns  *turn.Queue // pictures that are decoded
	memory *semaphore.Weighted
	most   int64

	mu      sync.Mutex
	garbage int64 // of pictures that are done; held in memory until it is collected
	waiting int   // pictures that wait for memory
}

// WorkerLimits bound [Workers].
type WorkerLimits struct {
	Pictures int   // decoded at the same time
	PerOwner int   // of these, uploaded by one account; 0: Pictures
	Waiting  int   // uploaded by one account and waiting; one more is [ErrBusy]; 0: no limit
	Memory   int64 // bytes, of all together
}

// openFor is how many originals may be open for each picture that is decoded. Most
// originals are served as they are, and one that is fetched from a storage service
// takes its size on the disk meanwhile.
const openFor = 16

// NewWorkers returns workers with these limits.
func NewWorkers(l WorkerLimits) *Workers {
	return &Workers{
		opened: turn.New(turn.Limits{Slots: openFor * l.Pictures, PerKey: openFor / 2 * l.PerOwner, Waiting: l.Waiting}),
		turns:  turn.New(turn.Limits{Slots: l.Pictures, PerKey: l.PerOwner, Waiting: l.Waiting}),
		memory: semaphore.NewWeighted(l.Memory),
		most:   l.Memory,
	}
}

// acquire waits for a turn of the uploader, and for that much memory. It returns
// [ErrPixels] if the picture would take more than all of it.
func (w *Workers) acquire(ctx context.Context, key string, need int64) (release func(), err error) {
	if need > w.most {
		return nil, fmt.Errorf("%w: to decode it takes %d bytes of memory, %d are there", ErrPixels, need, w.most)
	}
	leave, err := enter(ctx, w.turns, key)
	if err != nil {
		return nil, err
	}
	if err := w.allot(ctx, need); err != nil {
		leave()
		return nil, fmt.Errorf("blob: %w", err)
	}
	return func() {
		w.drop(need)
		leave()
	}, nil
}

// open waits until the original may be opened.
func (w *Workers) open(ctx context.Context, key string) (done func(), err error) {
	return enter(ctx, w.opened, key)
}

func enter(ctx context.Context, q *turn.Queue, key string) (leave func(), err error) {
	leave, err = q.Enter(ctx, turn.Account(owner(key)))
	if errors.Is(err, turn.ErrFull) {
		return nil, ErrBusy
	}
	if err != nil {
		return nil, fmt.Errorf("blob: %w", err)
	}
	return leave, nil
}

// allot waits for memory, and collects garbage for it where that is needed.
func (w *Workers) allot(ctx context.Context, need int64) error {
	w.await(1) // before garbage is looked for: what is dropped later is collected at once
	defer w.await(-1)
	if w.memory.TryAcquire(need) {
		return nil
	}
	w.collect(0)
	return w.memory.Acquire(ctx, need)
}

func (w *Workers) await(n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.waiting += n
}

// drop counts memory as garbage, and collects it if there is much of it, or if a
// picture waits for it.
func (w *Workers) drop(need int64) {
	w.mu.Lock()
	w.garbage += need
	most := w.most / 8
	if w.waiting > 0 {
		most = 0
	}
	w.mu.Unlock()
	w.collect(most)
}

// collect gives the garbage back if there is more than so much.
func (w *Workers) collect(moreThan int64) {
	w.mu.Lock()
	garbage := w.garbage
	if garbage <= moreThan {
		w.mu.Unlock()
		return
	}
	w.garbage = 0
	w.mu.Unlock()
	runtime.GC()
	w.memory.Release(garbage)
}

// owner is the account that uploaded a file: its keys begin with its id.
func owner(key string) string {
	id, _, _ := strings.Cut(key, "/")
	return id
}
