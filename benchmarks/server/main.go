// A target that answers at once, so that what is measured is the generator.
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
)

func main() {
	accepted := []byte(`{"status":"accepted","command_id":"11111111-1111-4111-8111-111111111111",` +
		`"command_name":"reservation.create","accepted_at":"2026-01-01T00:00:00.000Z",` +
		`"tenant_id":"22222222-2222-4222-8222-222222222222","target_service":"reservations-command-service"}`)
	rows := []byte("[" + strings.Repeat(`{"id":"33333333-3333-4333-8333-333333333333"},`, 80) + "{}]")
	var posts, gets atomic.Int64
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch {
		case r.URL.Path == "/count":
			fmt.Fprintf(w, `{"posts":%d,"gets":%d}`, posts.Load(), gets.Load())
		case r.Method == http.MethodPost:
			_, _ = io.Copy(io.Discard, r.Body)
			posts.Add(1)
			w.WriteHeader(http.StatusAccepted)
			_, _ = w.Write(accepted)
		default:
			gets.Add(1)
			_, _ = w.Write(rows)
		}
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(listener.Addr().String())
	_ = http.Serve(listener, handler)
}
