package postgres_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"parley/internal/chat"
	"parley/internal/store"
	"parley/test/postgres"
)

// BenchmarkSendMessage sends between 300 accounts, each to the next. pg-µs/op is the
// processor time of the server and cpu-µs/op that of this process.
func BenchmarkSendMessage(b *testing.B) {
	server := postgres.Start(b)
	for _, senders := range []int{1, 64, 256} {
		b.Run(fmt.Sprint(senders, "-senders"), func(b *testing.B) {
			send(b, server, senders, open(b, store.Options{Database: server.Create(b)}))
		})
	}
}

// BenchmarkNodesSendMessage is BenchmarkSendMessage on one and on three nodes of a cluster.
// Each message of a sender goes to the next node, so all nodes send to the same conversations.
func BenchmarkNodesSendMessage(b *testing.B) {
	server := postgres.Start(b)
	for _, n := range []int{1, 3} {
		for _, senders := range []int{1, 64, 256} {
			b.Run(fmt.Sprintf("%d-nodes/%d-senders", n, senders), func(b *testing.B) {
				send(b, server, senders, nodes(b, server.Create(b), n)...)
			})
		}
	}
}

// send sends b.N messages by so many senders at once, over stores of one database.
func send(b *testing.B, server *postgres.Server, senders int, stores ...*store.Store) {
	var services []*chat.Service
	for _, s := range stores {
		services = append(services, chat.New(s, nil, nil, chat.Options{}, slog.New(slog.DiscardHandler)))
	}
	var ids []chat.AccountID
	for i := range 300 {
		ids = append(ids, chat.AccountID(fmt.Sprintf("0b8fb1d4-0000-7000-8000-%012d", i)))
	}
	if err := stores[0].Update(b.Context(), func(tx chat.Tx) error {
		for i, id := range ids {
			if err := tx.CreateAccount(chat.Account{ID: id, Name: fmt.Sprint("Account ", i), Active: true}); err != nil {
				return err
			}
		}
		if err := tx.CreateOrganization(chat.Organization{ID: "0b8fb1d4-0000-7000-8000-0000000000aa", Name: "Demo"}); err != nil {
			return err
		}
		return tx.AddToOrganization("0b8fb1d4-0000-7000-8000-0000000000aa", ids)
	}); err != nil {
		b.Fatal(err)
	}
	var next, waiting atomic.Int64
	var wg sync.WaitGroup
	started, own, theirs := time.Now(), ownTime(b), serverTime(server)
	b.ResetTimer()
	for n := range senders {
		wg.Go(func() {
			for next.Add(1) <= int64(b.N) {
				i := waiting.Add(1)
				_, err := services[i%int64(len(services))].SendMessage(context.Background(), chat.Actor{Account: ids[n], Socket: "socket"}, ids[(n+1)%len(ids)], chat.Draft{
					Content:   chat.Content{Type: chat.TypeText, Text: "a message of an ordinary length, some sixty bytes of text"},
					WaitingID: fmt.Sprint("w", i),
				})
				if err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/time.Since(started).Seconds(), "sends/s")
	b.ReportMetric((ownTime(b)-own).Seconds()*1e6/float64(b.N), "cpu-µs/op")
	b.ReportMetric((serverTime(server)-theirs).Seconds()*1e6/float64(b.N), "pg-µs/op")
}

func ownTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// serverTime is the processor time of the server's processes.
func serverTime(server *postgres.Server) (sum time.Duration) {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, name := range stats {
		stat, err := os.ReadFile(name)
		if err != nil {
			continue // it ended
		}
		fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
		pid := filepath.Base(filepath.Dir(name))
		if fields[1] != strconv.Itoa(server.PID()) && pid != strconv.Itoa(server.PID()) {
			continue
		}
		for _, f := range fields[11:13] {
			ticks, _ := strconv.Atoi(f)
			sum += time.Duration(ticks) * 10 * time.Millisecond
		}
	}
	return sum
}
