package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
)

// door is how the server is reached.
type door struct {
	addr, cert, key string
	behindProxy     bool
}

var errOpenDoor = errors.New("zonder TLS luistert zat alleen op het eigen apparaat (127.0.0.1). " +
	"Geef --tls-cert en --tls-key, of --behind-proxy als een vertrouwde proxy TLS afhandelt")

// listen opens the door, or refuses to: plain HTTP is for the loopback address
// and for a trusted proxy only.
func (d door) listen() (net.Listener, error) {
	if (d.cert == "") != (d.key == "") {
		return nil, errors.New("--tls-cert en --tls-key horen bij elkaar")
	}
	if d.cert == "" && !d.behindProxy {
		host, _, err := net.SplitHostPort(d.addr)
		if err != nil {
			return nil, fmt.Errorf("adres %q: %w", d.addr, err)
		}
		if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			return nil, errOpenDoor
		}
	}
	ln, err := net.Listen("tcp", d.addr)
	if err != nil {
		return nil, fmt.Errorf("luisteren: %w", err)
	}
	if d.cert == "" {
		return ln, nil
	}
	pair, err := tls.LoadX509KeyPair(d.cert, d.key)
	if err != nil {
		ln.Close()
		return nil, fmt.Errorf("certificaat lezen: %w", err)
	}
	return tls.NewListener(ln, &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}), nil
}

func (d door) url(ln net.Listener) string {
	scheme := "http"
	if d.cert != "" {
		scheme = "https"
	}
	return scheme + "://" + ln.Addr().String()
}
