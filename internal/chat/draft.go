package chat

import "encoding/json"

// maxWaitingID bounds the sender's own name for a message, in bytes.
const maxWaitingID = 128

// checkDraft checks the content of a message, see docs/protocol/message.md.
func (s *Service) checkDraft(d Draft) error {
	if err := s.checkContent(d.Content); err != nil {
		return err
	}
	if len(d.WaitingID) > maxWaitingID {
		return Invalid("waitingid", "must be at most %d bytes", maxWaitingID)
	}
	if d.Refer < 0 {
		return Invalid("refer.msgid", "must be a positive number")
	}
	return checkText("waitingid", d.WaitingID)
}

func (s *Service) checkContent(c Content) error {
	if err := checkText("msg", c.Text); err != nil {
		return err
	}
	if utf16Longer(c.Text, s.live().MaxText) {
		return ErrMessageTooLong
	}
	for _, object := range []struct {
		field string
		json  []byte
	}{{"file", c.File}, {"card", c.Card}, {"location", c.Location}} {
		if len(object.json) > s.opts.MaxObject {
			return Invalid(object.field, "must be at most %d bytes", s.opts.MaxObject)
		}
	}
	// The fields that the type requires must be present. Others are optional.
	switch c.Type {
	case TypeText:
		return required("msg", len(c.Text))
	case TypeImage, TypeVoice, TypeFile, TypeVideo:
		return checkFile(c.File)
	case TypeCard:
		return required("card", len(c.Card))
	case TypeLocation:
		return required("location", len(c.Location))
	default:
		return Invalid("type", "must be 1 to 7")
	}
}

// checkFile refuses a file that nobody could find: it would be shown as a broken
// one for ever.
func checkFile(file json.RawMessage) error {
	if err := required("file", len(file)); err != nil {
		return err
	}
	var at struct {
		URL string `json:"url"`
		Key string `json:"key"`
		ID  string `json:"id"`
	}
	if err := json.Unmarshal(file, &at); err != nil || at.URL == "" && at.Key == "" && at.ID == "" {
		return Invalid("file", "must have a url, a key or an id")
	}
	return nil
}

func required(field string, length int) error {
	if length == 0 {
		return Invalid(field, "is required")
	}
	return nil
}
