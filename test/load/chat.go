//go:build linux

package main

import (
	"fmt"
	"os/exec"
)

// A chatStarter starts a server that people can log in to, in application app.
type chatStarter func(accounts int) (s *server, people []person, app string, err error)

// compareChat is compare for servers with people in them.
func (b *bench) compareChat(accounts int, measure func(s *server, people []person, app string) error) error {
	var starters []starter
	var people []person
	var app string
	for _, start := range b.chats() {
		starters = append(starters, func() (s *server, err error) {
			s, people, app, err = start(accounts)
			return s, err
		})
	}
	return b.compare(starters, func(s *server) error { return measure(s, people, app) })
}

func (b *bench) chats() []chatStarter {
	var all []chatStarter
	if _, err := exec.LookPath("node"); err == nil {
		all = append(all, b.startNodeChat)
	}
	return all
}

// startNodeChat takes everybody at their word.
func (b *bench) startNodeChat(accounts int) (*server, []person, string, error) {
	people := make([]person, accounts)
	for i := range people {
		name := fmt.Sprintf("person-%05d", i)
		people[i] = person{account: name, token: name}
	}
	s, err := b.startNode()
	return s, people, "load", err
}
