// Command wapas is a wallet and refund server: one ledger, spoken to in the
// words of published APIs. See wapas --help.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

func main() {
	easeGC()
	ctx, stop := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		stop()
		second := <-signals // ends the program at once, as a shell would see it
		os.Exit(128 + int(second.(syscall.Signal)))
	}()
	os.Exit(run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr))
}

// easeGC lets garbage grow to four times what lives before it is collected,
// but not beyond what a small machine has: requests leave much garbage behind
// and little that lives. GOGC and GOMEMLIMIT, if they are set, decide instead.
func easeGC() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(144 << 20)
	}
}
