package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"time"
)

// Fetch copies a file of at most so many bytes into a temporary one below folder,
// which is gone when it is closed; it is a [Source] with its last parameters bound.
func (s *S3) Fetch(ctx context.Context, client *http.Client, folder string, most int64, key string) (*os.File, Object, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.get(key, url.Values{}, s.now().Add(time.Hour)), nil)
	if err != nil {
		return nil, Object{}, fmt.Errorf("blob: %w", err)
	}
	return fetch(client, r, folder, most, key)
}

// Fetch is as [S3.Fetch].
func (q *Qiniu) Fetch(ctx context.Context, client *http.Client, folder string, most int64, key string) (*os.File, Object, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, q.Address(key, "", "", false, time.Now().Add(time.Hour)), nil)
	if err != nil {
		return nil, Object{}, fmt.Errorf("blob: %w", err)
	}
	return fetch(client, r, folder, most, key)
}

func fetch(client *http.Client, r *http.Request, folder string, most int64, key string) (*os.File, Object, error) {
	answer, err := ask(client, r)
	if err != nil {
		return nil, Object{}, err
	}
	defer answer.Body.Close()
	if answer.ContentLength > most {
		return nil, Object{}, ErrTooLarge
	}
	f, err := os.CreateTemp(folder, "fetched-")
	if err != nil {
		return nil, Object{}, fmt.Errorf("blob: %w", err)
	}
	_ = os.Remove(f.Name()) // while it is open; where that cannot be, the next start does
	n, err := io.Copy(f, io.LimitReader(answer.Body, most+1))
	if err == nil && n > most {
		err = ErrTooLarge
	}
	head := make([]byte, headBytes)
	if err == nil {
		var read int
		read, err = f.ReadAt(head, 0)
		if head = head[:read]; errors.Is(err, io.EOF) {
			err = nil
		}
	}
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		_ = f.Close()
		return nil, Object{}, fmt.Errorf("blob: %w", err)
	}
	return f, Object{Key: key, Type: sniff(head), Size: n}, nil
}

// ask returns the answer of a storage service, if it has the file. The caller closes the body.
func ask(client *http.Client, r *http.Request) (*http.Response, error) {
	answer, err := client.Do(r)
	if err != nil {
		return nil, fmt.Errorf("blob: the storage service: %w", withoutAddress(err))
	}
	if answer.StatusCode == http.StatusOK {
		return answer, nil
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 64<<10)) // so that the connection can be used again
	if answer.StatusCode == http.StatusNotFound || answer.StatusCode == statusNoFile {
		return nil, ErrNotFound
	}
	return nil, fmt.Errorf("blob: the storage service answers %s", answer.Status)
}

// withoutAddress takes the signed address out of an error of the HTTP client,
// which may come to a log.
func withoutAddress(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// Remove removes a file of the bucket. It is not an error if there is none.
func (s *S3) Remove(ctx context.Context, client *http.Client, key string) error {
	address := s.request(http.MethodDelete, key, url.Values{}, s.now().Add(time.Hour))
	r, err := http.NewRequestWithContext(ctx, http.MethodDelete, address, nil)
	if err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	return remove(client, r)
}

// Remove removes a file of the bucket by the service's API for resources. It is not an error if there is none.
func (q *Qiniu) Remove(ctx context.Context, client *http.Client, key string) error {
	r, err := q.manage(ctx, http.MethodPost, "delete", key)
	if err != nil {
		return err
	}
	return remove(client, r)
}

// statusNoFile is the answer of Qiniu for a file that does not exist.
const statusNoFile = 612

func remove(client *http.Client, r *http.Request) error {
	answer, err := client.Do(r)
	if err != nil {
		return fmt.Errorf("blob: the storage service: %w", withoutAddress(err))
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 64<<10)) // so that the connection can be used again
	if answer.StatusCode/100 == 2 || answer.StatusCode == http.StatusNotFound || answer.StatusCode == statusNoFile {
		return nil
	}
	return fmt.Errorf("blob: the storage service answers %s", answer.Status)
}
