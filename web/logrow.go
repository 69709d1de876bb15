package web

import "zat/audit/review"

// logRow is a line in a table; Own says that it is of the installation's own log.
type logRow struct {
	Line review.Line
	Own  bool
}
