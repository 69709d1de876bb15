package register

import (
	"context"
	"fmt"

	"zat/crypto/grant"
	"zat/crypto/seal"
)

// SealedIn lists what is sealed for the key of the register, for whoever seals it
// anew. Nothing is opened.
func (s *Service) SealedIn(ctx context.Context, v grant.Vault) ([]seal.Placed, error) {
	if v.Kind != grant.Register {
		return nil, nil
	}
	entries, err := s.Store.PupilEntries(ctx, v.Team)
	if err != nil {
		return nil, fmt.Errorf("reading register: %w", err)
	}
	links, err := s.Store.AllLinks(ctx, v.Team)
	if err != nil {
		return nil, fmt.Errorf("reading links: %w", err)
	}
	var out []seal.Placed
	for _, e := range entries {
		out = append(out, seal.Placed{Place: seal.InPupil, Header: e.header(v.ID), Sealed: e.Sealed})
	}
	for _, l := range links {
		out = append(out, seal.Placed{Place: seal.InLink, Header: linkHeader(l.Team, v.ID, l.Case), Sealed: l.Sealed})
	}
	return out, nil
}
