package seal

import "github.com/google/uuid"

// ReasonHeader is where a reason in a line of the log belongs.
func ReasonHeader(team, vault, object, actor uuid.UUID) Header {
	return Header{Team: team, Vault: vault, Item: object, Kind: "reason", Author: actor}
}
