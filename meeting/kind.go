package meeting

import "zat/fault"

// Kind is what sort of session it is (practices.md, §1 to §5).
type Kind string

const (
	TeamKind      Kind = "zat"       // the whole care team
	CoreKind      Kind = "core"      // kernpartneroverleg
	CaseKind      Kind = "mdo"       // multidisciplinary, on one case
	BilateralKind Kind = "bilateral" // with the youth worker
)

// Kinds lists the kinds of session.
func Kinds() []Kind { return []Kind{TeamKind, CoreKind, CaseKind, BilateralKind} }

func parseKind(s string) (Kind, error) {
	if s == "" {
		return TeamKind, nil
	}
	for _, k := range Kinds() {
		if string(k) == s {
			return k, nil
		}
	}
	return "", fault.At("kind", "error.choice")
}

// frame is what an agenda of this kind begins and ends with.
func (k Kind) frame() []Point {
	open, round := Point{Kind: PointOpen, Minutes: openMinutes, Position: 1}, Point{Kind: PointRound, Minutes: roundMinutes, Position: 10000}
	switch k {
	case CaseKind:
		return []Point{open}
	case BilateralKind:
		return []Point{open, {Kind: PointTrends, Minutes: 10, Position: 5000}}
	}
	return []Point{open, round}
}
