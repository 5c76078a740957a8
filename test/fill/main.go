// Command fill makes a demo folder large, to see what a full chat list and a long
// conversation are like:
//
//	go run ./test/fill --data /tmp/large --chats 10000 --messages 100000
//	go run ./cmd/parley demo --data /tmp/large
//
// Everything goes through the rules, as if people had written it. A folder can be
// filled again, and then holds more.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"parley/internal/chat"
	"parley/internal/config"
	"parley/internal/server"
	"parley/internal/server/demo"
)

// atOnce is how many writes wait for the same commit.
const atOnce = 128

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "fill:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop was called
	}
}

func run(ctx context.Context) (err error) {
	data := flag.String("data", "", "folder of the database")
	chats := flag.Int("chats", 10_000, "people who have written to the first of the demo")
	messages := flag.Int("messages", 100_000, "messages between the first two of the demo")
	flag.Parse()
	if *data == "" {
		return errors.New("-data is required")
	}
	cfg, err := config.Load("", "--data="+*data)
	if err != nil {
		return err
	}
	d, err := server.CreateData(ctx, cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	world, err := demo.Fill(ctx, d.Chat, func(code string) string { return server.SignInLink(cfg, code) })
	if err != nil {
		return err
	}
	first, second := world.Accounts[0].ID, world.Accounts[1].ID
	start := time.Now()
	if err := fillChats(ctx, d.Chat, first, *chats); err != nil {
		return err
	}
	fmt.Printf("%d chats in %s\n", *chats, time.Since(start).Round(time.Millisecond))
	start = time.Now()
	if err := fillMessages(ctx, d.Chat, first, second, *messages); err != nil {
		return err
	}
	fmt.Printf("%d messages in %s\n", *messages, time.Since(start).Round(time.Millisecond))
	return nil
}

// fillChats has n new people write to the account.
func fillChats(ctx context.Context, svc *chat.Service, to chat.AccountID, n int) error {
	together, ctx := errgroup.WithContext(ctx)
	together.SetLimit(atOnce)
	for i := range n {
		together.Go(func() error {
			account, err := svc.CreateAccount(ctx, chat.Account{Name: personName(i), Email: fmt.Sprintf("person%d@demo.example", i)})
			if err != nil {
				return fmt.Errorf("account %d: %w", i, err)
			}
			if err := svc.Befriend(ctx, account.ID, to); err != nil {
				return fmt.Errorf("friend %d: %w", i, err)
			}
			_, err = svc.SendMessage(ctx, chat.Actor{Account: account.ID}, to, text(i))
			return err
		})
	}
	return together.Wait()
}

// fillMessages has the two write to each other by turns.
func fillMessages(ctx context.Context, svc *chat.Service, a, b chat.AccountID, n int) error {
	together, ctx := errgroup.WithContext(ctx)
	together.SetLimit(atOnce)
	for i := range n {
		together.Go(func() error {
			from, to := a, b
			if i/3%2 == 1 {
				from, to = b, a
			}
			_, err := svc.SendMessage(ctx, chat.Actor{Account: from}, to, text(i))
			return err
		})
	}
	return together.Wait()
}

// personName gives every other person a Chinese name, so that both alphabets are full.
func personName(i int) string {
	if i%2 == 0 {
		return fmt.Sprintf("Demo Person %05d", i)
	}
	family, given := []rune("赵钱孙李周吴郑王冯陈"), []rune("一二三四五六七八九十")
	return fmt.Sprintf("%c%c%c %d", family[i/2%10], given[i/20%10], given[i/200%10], i)
}

// filling is different each time, because a waitingid that is sent again is no new message.
var filling = rand.Text()

// text is a message of one to some six lines, so that no two heights are sure.
func text(i int) chat.Draft {
	words := strings.Repeat("words of the demo 演示文字 ", 1+i*i%17)
	return chat.Draft{
		Content:   chat.Content{Type: chat.TypeText, Text: fmt.Sprintf("%d %s", i, words)},
		WaitingID: fmt.Sprint(filling, "-", i), // as every client sends one
	}
}
