package blob

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"slices"
)

// Upload posts a file of a known size with a form, as a client does. It returns [ErrExists] if the storage service
// says that there is a file of the key.
func Upload(ctx context.Context, client *http.Client, form Post, name string, file io.Reader, size int64) error {
	var head bytes.Buffer
	w := multipart.NewWriter(&head)
	for _, field := range slices.Sorted(maps.Keys(form.Fields)) {
		if err := w.WriteField(field, form.Fields[field]); err != nil {
			return fmt.Errorf("blob: %w", err)
		}
	}
	if _, err := w.CreateFormFile("file", cleanName(name)); err != nil { // the service expects the file last
		return fmt.Errorf("blob: %w", err)
	}
	tail := "\r\n--" + w.Boundary() + "--\r\n"
	length := int64(head.Len()) + size + int64(len(tail))
	body := io.MultiReader(&head, io.LimitReader(file, size), bytes.NewBufferString(tail))
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, form.Address, body)
	if err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	r.ContentLength = length
	r.Header.Set("Content-Type", w.FormDataContentType())
	answer, err := client.Do(r)
	if err != nil {
		return fmt.Errorf("blob: the storage service: %w", withoutAddress(err))
	}
	defer answer.Body.Close()
	const existsAtQiniu = 614
	switch {
	case answer.StatusCode == existsAtQiniu:
		return ErrExists
	case answer.StatusCode/100 != 2:
		return fmt.Errorf("blob: the storage service answers %s", answer.Status)
	}
	return nil
}
