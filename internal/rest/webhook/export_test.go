package webhook

// Parse returns the message of a body, or what is wrong with it.
func Parse(body []byte) error {
	m, err := told(body, &request{}).parse(body)
	if err != nil {
		return err
	}
	_, err = m.forChat()
	return err
}
