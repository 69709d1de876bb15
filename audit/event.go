package audit

// Event is what happened. The set is closed: a line with another event is
// refused by Append. (rules.md, "Access log: When".)
type Event string

const (
	TeamCreated      Event = "team.create"
	TeamChanged      Event = "team.change"
	OrgChanged       Event = "organisation.change"
	SignedIn         Event = "signin"
	ScreenLocked     Event = "screen.lock"
	SignedOut        Event = "signout"
	SignedOutAll     Event = "signout.all"
	RouteRefused     Event = "page.open"
	MemberInvited    Event = "member.invite"
	MemberJoined     Event = "member.join"
	AccessGiven      Event = "grant.give"
	AccessEnded      Event = "grant.end"
	AccessExpired    Event = "grant.expire"
	KeyMade          Event = "key.make"
	KeyRenewed       Event = "key.renew"
	PasswordChanged  Event = "password.change"
	PhoneChanged     Event = "phone.change"
	RecoveryMade     Event = "recovery.make"
	AccountRecovered Event = "account.recover"
	MemberEnded      Event = "member.end"
	RoleChanged      Event = "member.role"
	PaperMade        Event = "paper.make"
	RescueAsked      Event = "rescue.ask"
	RescueTaken      Event = "rescue.take"
	RescueConfirmed  Event = "rescue.confirm"
	RescueDone       Event = "rescue.done"
	RescueStopped    Event = "rescue.stop"
	PasskeyAdded     Event = "passkey.add"
	PasskeyRemoved   Event = "passkey.remove"
	Confirmed        Event = "signin.confirm"
	LinkMade         Event = "federation.link"
	LinkRemoved      Event = "federation.unlink"
	OwnKeyRenewed    Event = "key.own"
	RegisterSearch   Event = "register.search"
	RegisterRead     Event = "register.read"
	RegisterAdd      Event = "register.add"
	RegisterChange   Event = "register.change"
	RegisterImport   Event = "register.import"
	CaseOpened       Event = "case.open"
	CaseRead         Event = "case.read"
	CaseChanged      Event = "case.change"
	CaseClosed       Event = "case.close"
	CaseListed       Event = "case.list"
	IdentityOpened   Event = "identity.open"
	IdentityGiven    Event = "disclosure.give"
	IdentityRead     Event = "disclosure.read"
	IdentityEnded    Event = "disclosure.end"
	BasisAdded       Event = "basis.add"
	BasisWithdrawn   Event = "basis.withdraw"
	ItemAdded        Event = "contribution.add"
	AgreementMade    Event = "agreement.make"
	AgreementDone    Event = "agreement.done"
	AgreementDropped Event = "agreement.drop"
	AgreementsRead   Event = "agreement.read"
	InboxAdded       Event = "inbox.add"
	InboxListed      Event = "inbox.list"
	InboxRead        Event = "inbox.read"
	InboxTied        Event = "inbox.tie"
	InboxDeclined    Event = "inbox.decline"
	TrendAdded       Event = "trend.add"
	TrendsRead       Event = "trend.read"
	QuestionAsked    Event = "question.ask"
	QuestionRead     Event = "question.read"
	QuestionPassed   Event = "question.pass"
	QuestionReplied  Event = "question.answer"
	QuestionShared   Event = "question.share"
	SessionPlanned   Event = "session.plan"
	SessionChanged   Event = "session.change"
	SessionRead      Event = "session.read"
	SessionStarted   Event = "session.start"
	SessionMoved     Event = "session.point"
	SessionClosed    Event = "session.close"
	SessionOff       Event = "session.off"
	MinutesRead      Event = "minutes.read"
	MinutesConfirmed Event = "minutes.confirm"
	MinutesFixed     Event = "minutes.fix"
	MinutesExported  Event = "minutes.export"
	GuardLookup      Event = "guard.lookup"
	GuardKept        Event = "guard.keep"
	DraftSaved       Event = "draft.save"
	DraftRead        Event = "draft.read"
	DraftDropped     Event = "draft.drop"
	LogRead          Event = "log.read"
	LogVerified      Event = "log.verify"
	LogExported      Event = "log.export"
	LogRetained      Event = "log.retain"
	LogReviewed      Event = "log.review"
	BreachWritten    Event = "breach.write"
	ReportMade       Event = "report.make"
	ProcessingSet    Event = "processing.change"
	WhoSawRead       Event = "case.seenby"
	Printed          Event = "print"
)

// Action is the kind of act: create, read, update, delete or execute.
type Action string

const (
	Create  Action = "C"
	Read    Action = "R"
	Update  Action = "U"
	Delete  Action = "D"
	Execute Action = "E"
)

var actions = map[Event]Action{
	TeamCreated: Create, TeamChanged: Update, OrgChanged: Update, SignedIn: Execute, ScreenLocked: Execute, SignedOut: Execute, SignedOutAll: Execute, RouteRefused: Read,
	MemberInvited: Create, MemberJoined: Create,
	AccessGiven: Create, AccessEnded: Delete, AccessExpired: Delete, KeyMade: Create, KeyRenewed: Update, PasswordChanged: Update, PhoneChanged: Update, RecoveryMade: Create, AccountRecovered: Update, MemberEnded: Delete,
	RoleChanged: Update, PaperMade: Create, RescueAsked: Create, RescueTaken: Update, RescueConfirmed: Update, RescueDone: Execute, RescueStopped: Delete,
	PasskeyAdded: Create, PasskeyRemoved: Delete, Confirmed: Execute, LinkMade: Create, LinkRemoved: Delete, OwnKeyRenewed: Update,
	RegisterSearch: Read, RegisterRead: Read, RegisterAdd: Create, RegisterChange: Update, RegisterImport: Create,
	CaseOpened: Create, CaseRead: Read, CaseChanged: Update, CaseClosed: Update, CaseListed: Read,
	IdentityOpened: Read, IdentityGiven: Create, IdentityRead: Read, IdentityEnded: Delete, BasisAdded: Create, BasisWithdrawn: Update,
	ItemAdded: Create, AgreementMade: Create, AgreementDone: Update, AgreementDropped: Delete, AgreementsRead: Read,
	InboxAdded: Create, InboxListed: Read, InboxRead: Read, InboxTied: Update, InboxDeclined: Update,
	TrendAdded: Create, TrendsRead: Read,
	QuestionAsked: Create, QuestionRead: Read, QuestionPassed: Update, QuestionReplied: Update, QuestionShared: Create,
	SessionPlanned: Create, SessionChanged: Update, SessionRead: Read, SessionStarted: Update, SessionMoved: Update,
	SessionClosed: Update, SessionOff: Delete, MinutesRead: Read, MinutesConfirmed: Update, MinutesFixed: Update, MinutesExported: Execute, GuardLookup: Read, GuardKept: Execute,
	DraftSaved: Create, DraftRead: Read, DraftDropped: Delete, LogRead: Read, LogVerified: Execute, LogExported: Execute, LogRetained: Delete,
	LogReviewed: Update, BreachWritten: Update, ReportMade: Execute, ProcessingSet: Update, WhoSawRead: Read, Printed: Execute,
}

// Events lists every event there is.
func Events() []Event {
	out := make([]Event, 0, len(actions))
	for e := range actions {
		out = append(out, e)
	}
	return out
}

// Action returns the kind of act that the event is.
func (e Event) Action() Action { return actions[e] }

// Outcome is how it ended.
type Outcome string

const (
	Success Outcome = "success"
	Denied  Outcome = "denied"
	Failed  Outcome = "error"
)

// Purpose is why it was done, from a closed set.
type Purpose string

const (
	PurposeCare     Purpose = "care"     // preparing and giving support
	PurposeSession  Purpose = "session"  // an overleg
	PurposeRegister Purpose = "register" // keeping the register of pupils
	PurposeSignal   Purpose = "signal"   // a neighbourhood signal
	PurposeControl  Purpose = "control"  // auditing
	PurposeManage   Purpose = "manage"   // accounts and keys
	PurposeSignIn   Purpose = "signin"
)

// Activity is an activity in the register of processing (art. 30 AVG). The set is closed:
// a team describes them in its own words and cannot add what the product does not do.
type Activity string

const (
	CareActivity     Activity = "zorgoverleg"
	SignalActivity   Activity = "signalen"
	RegisterActivity Activity = "sleutelregister"
	AccountActivity  Activity = "accounts"
	ControlActivity  Activity = "toezicht"
)

// Activities lists them.
func Activities() []Activity {
	return []Activity{CareActivity, SignalActivity, RegisterActivity, AccountActivity, ControlActivity}
}

// Activity returns the activity under which a purpose falls; an attempt by somebody unknown
// has no purpose, and falls under none.
func (p Purpose) Activity() Activity {
	switch p {
	case PurposeCare, PurposeSession:
		return CareActivity
	case PurposeSignal:
		return SignalActivity
	case PurposeRegister:
		return RegisterActivity
	case PurposeManage, PurposeSignIn:
		return AccountActivity
	case PurposeControl:
		return ControlActivity
	}
	return ""
}

// ObjectKind is what sort of thing was touched.
type ObjectKind string

const (
	ObjTeam      ObjectKind = "team"
	ObjOrg       ObjectKind = "organisation"
	ObjAccount   ObjectKind = "account"
	ObjMember    ObjectKind = "member"
	ObjRegister  ObjectKind = "register"
	ObjPupil     ObjectKind = "pupil"
	ObjCase      ObjectKind = "case"
	ObjInbox     ObjectKind = "inbox"
	ObjSignal    ObjectKind = "signal"
	ObjTrends    ObjectKind = "trends"
	ObjSession   ObjectKind = "session"
	ObjQuestion  ObjectKind = "question"
	ObjBasis     ObjectKind = "basis"
	ObjAgreement ObjectKind = "agreement"
	ObjVault     ObjectKind = "vault"
	ObjDraft     ObjectKind = "draft"
	ObjLog       ObjectKind = "log"
	ObjPage      ObjectKind = "page"
	ObjReview    ObjectKind = "review"
	ObjBreach    ObjectKind = "breach"
)

// Objects lists the kinds of objects.
func Objects() []ObjectKind {
	return []ObjectKind{ObjTeam, ObjOrg, ObjAccount, ObjMember, ObjRegister, ObjPupil, ObjCase, ObjInbox, ObjSignal, ObjTrends, ObjSession, ObjQuestion, ObjBasis, ObjAgreement, ObjVault,
		ObjDraft, ObjLog, ObjPage, ObjReview, ObjBreach}
}

// Relation is what the actor was to the case at that moment.
type Relation string

const (
	RelParticipant Relation = "participant"
	RelCoordinator Relation = "coordinator"
	RelInvited     Relation = "invited"
	RelDisclosed   Relation = "disclosed"
	RelAsked       Relation = "asked"
	RelNone        Relation = "none"
)

// Relations lists them.
func Relations() []Relation {
	return []Relation{RelParticipant, RelCoordinator, RelInvited, RelDisclosed, RelAsked, RelNone}
}
