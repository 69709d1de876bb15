package post_test

import (
	"context"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"

	"zat/cmd/zat/internal/post"
)

// server is a mail server that keeps what it takes.
type server struct{ got chan string }

func (s server) NewSession(*smtp.Conn) (smtp.Session, error) { return &session{s.got, ""}, nil }

type session struct {
	got  chan string
	head string
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error { s.head = "from " + from; return nil }
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error   { s.head += " to " + to; return nil }
func (s *session) Reset()                                      {}
func (s *session) Logout() error                               { return nil }
func (s *session) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	s.got <- s.head + "\n" + string(b)
	return err
}

// TestInvite sends an invitation to a real mail server.
func TestInvite(t *testing.T) {
	got := make(chan string, 1)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := smtp.NewServer(server{got})
	s.Domain = "localhost"
	go s.Serve(ln)
	t.Cleanup(func() { s.Close() })
	box := post.Box{Addr: ln.Addr().String(), From: "zorgtafel@school.example"}
	if err := box.Invite(context.Background(), "nieuw@wijkwerk.example", "Praktijkschool De Stuwdam", "https://zat.school.example/welkom/abc"); err != nil {
		t.Fatal(err)
	}
	m := <-got
	for _, want := range []string{"from zorgtafel@school.example to nieuw@wijkwerk.example", "Subject: Uitnodiging voor de Zorgtafel", "/welkom/abc"} {
		if !strings.Contains(m, want) {
			t.Errorf("the message lacks %q", want)
		}
	}
	if err := box.Session(context.Background(), "nieuw@wijkwerk.example", "Praktijkschool De Stuwdam", "ZAT-overleg", "dinsdag 12 januari 13.30–15.00", "https://zat.school.example/overleggen/x", []byte("BEGIN:VCALENDAR")); err != nil {
		t.Fatal(err)
	}
	m = <-got
	for _, want := range []string{"to nieuw@wijkwerk.example", "overleg.ics", "text/calendar", "/overleggen/x"} {
		if !strings.Contains(m, want) {
			t.Errorf("the message lacks %q", want)
		}
	}
	ln.Close()
	if err := (post.Box{Addr: "127.0.0.1:1", From: "zorgtafel@school.example"}).Invite(context.Background(), "nieuw@wijkwerk.example", "x", "y"); err == nil {
		t.Error("a server that is away took the message")
	}
}
