package fault

import "parley/internal/config"

// limited gives everybody ten messages at once and one more a second.
func limited(c *config.Config) {
	c.Rate.Send, c.Rate.SendBurst = 1, 10
}
