package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// BenchmarkStart starts the program on a team's folder and asks for the first
// page. Goal: under 0.5 s. It also says how much memory is resident then.
func BenchmarkStart(b *testing.B) {
	dir := b.TempDir()
	bin := filepath.Join(dir, "zat")
	if out, err := exec.Command("go", "build", "-o", bin, "zat/cmd/zat").CombinedOutput(); err != nil {
		b.Fatalf("building: %s", out)
	}
	data := filepath.Join(dir, "data")
	setUp := exec.Command(bin, "init", "--data", data)
	setUp.Stdin = strings.NewReader("ZAT\nDe Proefschool\nCo\nco@voorbeeld.example\nBe\nbe@voorbeeld.example\nFg\nfg@voorbeeld.example\neen lange zin als wachtwoord\n")
	if out, err := setUp.CombinedOutput(); err != nil {
		b.Fatalf("setting up: %s", out)
	}
	resident := 0
	for b.Loop() {
		resident = serveOnce(b, bin, data)
	}
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/start")
	b.ReportMetric(float64(resident)/1024, "MB-resident")
}

// serveOnce starts the server, waits for its first page, and ends it.
func serveOnce(b *testing.B, bin, data string) (residentKiB int) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	addr := ln.Addr().String()
	ln.Close()
	cmd := exec.Command(bin, "serve", "--data", data, "--addr", addr)
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		res, err := http.Get("http://" + addr + "/aanmelden")
		if err == nil {
			res.Body.Close()
			break
		}
		if time.Now().After(end) {
			b.Fatal("no first page")
		}
	}
	residentKiB = resident(b, cmd.Process.Pid)
	b.StopTimer()
	cmd.Process.Signal(syscall.SIGTERM)
	cmd.Wait()
	b.StartTimer()
	return residentKiB
}

// resident reads what a process holds in memory, in KiB.
func resident(b *testing.B, pid int) int {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	m := regexp.MustCompile(`VmRSS:\s+(\d+) kB`).FindSubmatch(status)
	if m == nil {
		b.Fatal("no VmRSS")
	}
	n, err := strconv.Atoi(string(m[1]))
	if err != nil {
		b.Fatal(err)
	}
	return n
}
