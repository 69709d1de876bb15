package review

import (
	"context"
	"fmt"
	"io"

	"zat/account"
	"zat/audit"
	"zat/audit/export"
	"zat/audit/tiles"
	"zat/fault"
)

// Export writes the lines that fit a filter in a format, oldest first, to who reads them.
// prepare admits and writes the line of it; the returned function then streams, with memory
// that does not grow with the log.
func (s *Service) Export(ctx context.Context, a account.Actor, f Filter, format export.Format, o export.Options) (func(io.Writer) error, error) {
	line := audit.By(a, audit.LogExported, audit.ObjLog, a.Team).For(audit.PurposeControl, string(format))
	if f.Case != [16]byte{} {
		line = line.On(f.Case, audit.RelNone)
	}
	if err := s.admit(ctx, a, line); err != nil {
		return nil, err
	}
	if !format.Known() {
		return nil, fault.At("format", "error.choice")
	}
	if _, err := s.Log.Look(ctx, a.Team, line); err != nil {
		return nil, err
	}
	n, err := s.names(ctx, a.Team)
	if err != nil {
		return nil, err
	}
	return func(w io.Writer) error { return s.stream(ctx, a, f, format, o, n, w) }, nil
}

func (s *Service) stream(ctx context.Context, a account.Actor, f Filter, format export.Format, o export.Options, n names, w io.Writer) error {
	if format == export.Proof {
		out := tiles.NewLines(w)
		if err := s.Store.LogEach(ctx, a.Team, f, out.Add); err != nil {
			return fmt.Errorf("reading lines: %w", err)
		}
		return out.End()
	}
	cases, err := s.Store.CaseNames(ctx, a.Team)
	if err != nil {
		return fmt.Errorf("reading pseudonyms: %w", err)
	}
	out := export.New(w, format, o)
	err = s.eachLine(ctx, a.Team, f, func(e audit.Entry, l audit.Line) error {
		return out.Write(export.Row{Line: l, Commitment: e.Commitment, Name: n.members[l.Actor].Name, Org: n.orgs[l.Organisation], Pseudonym: string(cases[l.Case]), Basis: n.bases[l.Basis]})
	})
	if err != nil {
		return fmt.Errorf("exporting lines: %w", err)
	}
	return out.End()
}
