package audit

// Category is what a line says was done with content, in the words of somebody who asks.
type Category string

const (
	Looked   Category = "look"     // content was read
	Added    Category = "add"      // something was added or changed
	TakenOut Category = "takenout" // content left the product: printed, exported, a file to keep
	Named    Category = "name"     // a name was opened or disclosed
)

var categories = map[Event]Category{
	CaseRead: Looked, RegisterRead: Looked, RegisterSearch: Looked, AgreementsRead: Looked, InboxRead: Looked, TrendsRead: Looked, SessionRead: Looked, MinutesRead: Looked, QuestionRead: Looked,
	DraftRead:  Looked,
	CaseOpened: Added, CaseChanged: Added, CaseClosed: Added, ItemAdded: Added, AgreementMade: Added, AgreementDone: Added, AgreementDropped: Added, InboxTied: Added, BasisAdded: Added, BasisWithdrawn: Added,
	QuestionAsked: Added, QuestionReplied: Added, QuestionPassed: Added, QuestionShared: Added,
	MinutesExported: TakenOut, Printed: TakenOut, LogExported: TakenOut, ReportMade: TakenOut,
	IdentityOpened: Named, IdentityGiven: Named, IdentityRead: Named,
}

// Category returns what an event does with content; empty when it does nothing with it.
func (e Event) Category() Category { return categories[e] }

// Discloses reports whether a name was opened or disclosed.
func (e Event) Discloses() bool { return categories[e] == Named }

// Categories lists them.
func Categories() []Category { return []Category{Looked, Added, TakenOut, Named} }
