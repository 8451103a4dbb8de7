// Command crash shows that a killed payout resumes where it was: it keeps a Dwolla in memory, has the payout program pay
// 12,000 people there, kills that with signal 9 in the middle, starts it again, and counts in the ledger of the Dwolla,
// which survived, how often each was paid.
//
//	crash path-of-the-payout-program
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"time"

	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

const recipients = 12_000

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		log.Fatalf("crash: %v", err)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("usage: crash path-of-the-payout-program")
	}
	dir, err := os.MkdirTemp("", "payout-crash-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // temporary
	server, err := dwollatest.NewServer(dwollatest.WithItemRate(recipients/6), dwollatest.WithHistory(100))
	if err != nil {
		return err
	}
	defer server.Close()
	s := demo{server: server, program: args[0], dir: dir, url: server.Start()}
	if err := s.seed(); err != nil {
		return err
	}
	if err := s.payAndKill(ctx); err != nil {
		return err
	}
	fmt.Println("\n--- the same command again")
	if err := s.start(ctx).Run(); err != nil {
		return fmt.Errorf("the second run: %w", err)
	}
	return s.verify()
}

// A demo is the server, which survives, and the program, which is killed.
type demo struct {
	server       *dwollatest.Server
	program      string
	dir, url     string
	destinations []string
}

// seed makes the recipients, the money, and the CSV.
func (s *demo) seed() error {
	csv := []byte("destination,amount,correlation_id\n")
	cents := int64(0)
	for i := range recipients {
		_, bank := s.server.AddReceiver(fmt.Sprintf("Recipient %d", i))
		s.destinations = append(s.destinations, bank.ID)
		amount := int64(100 + i)
		cents += amount
		csv = fmt.Appendf(csv, "%s,%d.%02d,wage-%d\n", bank.ID, amount/100, amount%100, i)
	}
	s.server.SetBalance(s.server.Account().ID, cents)
	return os.WriteFile(s.file("people.csv"), csv, 0o600)
}

func (s *demo) file(name string) string { return filepath.Join(s.dir, name) }

func (s *demo) start(ctx context.Context) *exec.Cmd {
	cmd := exec.CommandContext(ctx, s.program, "run", "-csv", s.file("people.csv"), "-record", s.file("payout.db"), "-size", "1000")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), "DWOLLA_ENVIRONMENT=sandbox", "DWOLLA_APP_KEY="+s.server.Key(), "DWOLLA_APP_SECRET="+s.server.Secret(), "DWOLLA_BASE_URL="+s.url)
	return cmd
}

// payAndKill ends the program without a warning as soon as 40 % are paid.
func (s *demo) payAndKill(ctx context.Context) error {
	cmd := s.start(ctx)
	if err := cmd.Start(); err != nil {
		return err
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for len(s.server.Ledger()) < recipients*4/10 {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		return err
	}
	fmt.Printf("\n--- kill -9 %d, with %d of %d paid: %v\n", cmd.Process.Pid, len(s.server.Ledger()), recipients, cmd.Wait())
	return nil
}

// verify counts the payments by recipient.
func (s *demo) verify() error {
	times := map[string]int{}
	for _, p := range s.server.Ledger() {
		times[p.Destination]++
	}
	once := 0
	for _, id := range s.destinations {
		if times[id] == 1 {
			once++
		}
	}
	fmt.Printf("\nThe ledger of the Dwolla in memory, which was not killed: %d payments; %d of %d recipients were paid exactly once.\n",
		len(s.server.Ledger()), once, recipients)
	if once != recipients {
		return fmt.Errorf("%d recipients were not paid exactly once", recipients-once)
	}
	return nil
}
