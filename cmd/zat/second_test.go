package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestLogRotate: every log gets a new key; it verifies after that, and so does what
// somebody kept outside before.
func TestLogRotate(t *testing.T) {
	data, _ := founded(t)
	_, note, _ := zat(t, "", "log", "checkpoint", "--data", data)
	earlier := filepath.Join(t.TempDir(), "checkpoint")
	if err := os.WriteFile(earlier, []byte(note), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if code, out, errOut := zat(t, "", "log", "rotate", "--data", data); code != 0 || strings.Count(out, "nieuwe sleutel") != 2 {
			t.Fatalf("rotating exits with %d: %s %s", code, out, errOut)
		}
	}
	if code, out, _ := zat(t, "", "log", "verify", "--data", data, "--against", earlier); code != 0 {
		t.Errorf("after it the log exits with %d: %s", code, out)
	}
	if code, out, _ := zat(t, "", "keys", "--data", data); code != 0 || !strings.Contains(out, "eerdere sleutels van een logboek") {
		t.Errorf("keys exits with %d: %s", code, out)
	}
	if code, _, _ := zat(t, "", "log", "rotate", "--data", t.TempDir()); code != 1 {
		t.Errorf("a folder without a database exits with %d", code)
	}
}

// TestPaperTypedBack: init asks for the end of the recovery sheet, and knows whether it
// was typed.
func TestPaperTypedBack(t *testing.T) {
	_, out := founded(t)
	if !regexp.MustCompile(`AGE-SECRET-KEY-PQ-1( [0-9A-Z]{4,6}){10}`).MatchString(out) || !strings.Contains(out, "Niet overgetypt") {
		t.Error("no recovery sheet is shown, or nobody is told that it was not typed back")
	}
}

// TestSecondTeam founds a team beside another, by a coordinator who has an account.
func TestSecondTeam(t *testing.T) {
	data, _ := founded(t)
	args := func(password string) (int, string, string) {
		return zat(t, password+"\n", "init", "--data", data, "--team", "ZAT Oost", "--school", "School Oost", "--name", "Co Ordinator", "--email", "co@voorbeeld.example",
			"--admin-name", "Oost Beheer", "--admin-email", "beheer@oost.example", "--officer-name", "Oost Toezicht", "--officer-email", "fg@oost.example")
	}
	if code, _, errOut := args("een heel ander wachtwoord"); code != 1 || !strings.Contains(errOut, "heeft al een account") {
		t.Errorf("another password exits with %d: %s", code, errOut)
	}
	code, out, errOut := args("een lange zin als wachtwoord")
	if code != 0 || !strings.Contains(out, "heeft al een account") || strings.Contains(out, "otpauth") {
		t.Fatalf("a second team exits with %d: %s %s", code, out, errOut)
	}
	if code, out, _ := zat(t, "", "log", "verify", "--data", data); code != 0 || strings.Count(out, "klopt") < 3 {
		t.Errorf("the logs exit with %d: %s", code, out)
	}
}
