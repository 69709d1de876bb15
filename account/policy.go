package account

import (
	"strconv"
	"time"

	"zat/fault"
)

// The longest that a session may last (rules.md, "Accounts"). A team's policy may be
// stricter and never milder.
const (
	MostIdle   = 15 * time.Minute
	MostLength = 12 * time.Hour
)

// Policy is what a team asks of whoever signs in to it.
type Policy struct {
	// Passkey: the team's pages open for who signed in with a passkey only.
	Passkey bool
	Idle    time.Duration // a session ends after this long without anything done
	Length  time.Duration // a session ends after this long, whatever is done
}

// DefaultPolicy is the policy of a team that chose none.
func DefaultPolicy() Policy { return Policy{Idle: MostIdle, Length: MostLength} }

// IdleChoices are the minutes that a team may choose, LengthChoices the hours.
func IdleChoices() []int   { return []int{5, 10, 15} }
func LengthChoices() []int { return []int{4, 8, 12} }

// LogYearsChoices are the years that a team may keep lines of its log: five is the norm
// found (rules.md, "Retention and rights").
func LogYearsChoices() []int { return []int{1, 2, 3, 5, 7, 10} }

// ParseLogYears reads one of them.
func ParseLogYears(s string) (int, error) { return choice("years", s, LogYearsChoices()) }

// ParsePolicy reads a policy from what a form holds: minutes and hours.
func ParsePolicy(passkey bool, idle, length string) (Policy, error) {
	var errs fault.List
	minutes, err := choice("idle", idle, IdleChoices())
	errs.Add(err)
	hours, err := choice("length", length, LengthChoices())
	errs.Add(err)
	return Policy{passkey, time.Duration(minutes) * time.Minute, time.Duration(hours) * time.Hour}, errs.Err()
}

func choice(field, s string, among []int) (int, error) {
	for _, n := range among {
		if s == strconv.Itoa(n) {
			return n, nil
		}
	}
	return 0, fault.At(field, "error.choose")
}

// ParseConsentRule returns the rule with this name.
func ParseConsentRule(s string) (ConsentRule, error) {
	for _, r := range ConsentRules() {
		if string(r) == s {
			return r, nil
		}
	}
	return "", fault.At("consent", "error.choose")
}

// ConsentRules lists every rule, the strictest first.
func ConsentRules() []ConsentRule { return []ConsentRule{ConsentStrict, ConsentSchool} }
