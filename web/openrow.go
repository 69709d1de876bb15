package web

import (
	"zat/account"
	"zat/meeting"
)

// openRow is an open agreement or feedback as lists show it.
type openRow struct {
	Page Page
	Item meeting.Opened
}

// Own reports whether the reader is the one who does it.
func (r openRow) Own() bool { return r.Item.Responsible == r.Page.Actor.Member }

// MayFinish reports whether the reader can tick it off.
func (r openRow) MayFinish() bool { return r.Own() || r.Page.Actor.Role == account.Coordinator }
