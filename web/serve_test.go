package web_test

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"zat/web"
)

// TestStopBeforeTheFirstRequest stops servers at once: none of them stays.
func TestStopBeforeTheFirstRequest(t *testing.T) {
	for range 50 {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(context.Background())
		stop()
		done := make(chan error, 1)
		go func() { done <- (&web.Server{}).Serve(ctx, fiber.New(fiber.Config{DisableStartupMessage: true}), ln) }()
		select {
		case err := <-done:
			if err != nil {
				t.Fatalf("serving: %v", err)
			}
		case <-time.After(20 * time.Second):
			t.Fatal("a server that was told to stop goes on")
		}
	}
}
