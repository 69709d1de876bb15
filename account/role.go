// Package account holds who works with zat: people, the teams they are members
// of, their roles, and the one table that says which role may do what.
//
// It protects nothing by itself. A use case asks Role.May, writes a line for a
// refusal, and goes on only when the answer is yes.
package account

import "zat/fault"

// Role is what a member is in a team. One member has one role in one team.
type Role string

const (
	Coordinator Role = "coordinator" // zorgcoördinator, OKA, pedagogue
	YouthWorker Role = "youth"       // jongerenwerker
	Attendance  Role = "attendance"  // leerplichtambtenaar
	Police      Role = "police"      // wijkagent
	Doctor      Role = "doctor"      // jeugdarts
	SocialWork  Role = "social"      // (school)maatschappelijk werk
	CareWorker  Role = "care"        // hulpverlener, passend onderwijs, buurtteam
	Officer     Role = "officer"     // functionaris gegevensbescherming
	Admin       Role = "admin"       // functioneel beheerder
)

// Roles lists every role, in the order in which pages show them.
func Roles() []Role {
	return []Role{Coordinator, YouthWorker, Attendance, Police, Doctor, SocialWork, CareWorker, Officer, Admin}
}

// ParseRole returns the role with this name.
func ParseRole(s string) (Role, error) {
	for _, r := range Roles() {
		if string(r) == s {
			return r, nil
		}
	}
	return "", fault.At("role", "error.role")
}

// AtTable reports whether the role takes part in talks about pupils. The
// officer and the administrator do not: they hold no key to any content.
func (r Role) AtTable() bool { return r != Officer && r != Admin && r != "" }

// Permission is one thing that a role may or may not do. Whether this member
// may do it with this case is asked after that, of his grant.
type Permission string

const (
	SeeOverview     Permission = "overview"
	SeeCases        Permission = "cases"
	ManageCases     Permission = "cases.manage" // open, basis, participants, phase, close
	Contribute      Permission = "contribute"   // signals, notes, agreements in a case
	SendSignal      Permission = "signal.send"
	JudgeSignals    Permission = "signal.judge"
	SeeTrends       Permission = "trends"
	SeeSessions     Permission = "sessions"
	ChairSessions   Permission = "sessions.chair"
	SeeAgreements   Permission = "agreements"
	AnswerQuestions Permission = "questions.answer" // "ken je deze jongere?"
	UseRegister     Permission = "register"
	OpenIdentity    Permission = "identity"
	SeeDisclosed    Permission = "disclosed" // a name disclosed to this member
	GiveAccess      Permission = "access.give"
	ReadLog         Permission = "log"
	ManageMembers   Permission = "members"
	InviteMembers   Permission = "members.invite"
	ManageTeam      Permission = "team.manage" // settings and organisations
	EndMembers      Permission = "members.end"
	SeeTeam         Permission = "team"   // who is in it, and the state of its keys
	Rescue          Permission = "rescue" // recovery by two of a colleague
	UseGuard        Permission = "guard"
	OwnAccount      Permission = "account" // sign out, language, own drafts
)

// Permissions lists every permission.
func Permissions() []Permission {
	return []Permission{SeeOverview, SeeCases, ManageCases, Contribute, SendSignal, JudgeSignals, SeeTrends, SeeSessions,
		ChairSessions, SeeAgreements, AnswerQuestions, UseRegister, OpenIdentity, SeeDisclosed, GiveAccess, ReadLog,
		ManageMembers, InviteMembers, ManageTeam, EndMembers, SeeTeam, Rescue, UseGuard, OwnAccount}
}

// table is the one place that says which role may do what. It follows the
// table of people in the design (practices.md, "The people").
var table = map[Role][]Permission{
	Coordinator: {SeeOverview, SeeCases, ManageCases, Contribute, SendSignal, JudgeSignals, SeeTrends, SeeSessions,
		ChairSessions, SeeAgreements, UseRegister, OpenIdentity, GiveAccess, InviteMembers, EndMembers, SeeTeam, Rescue, UseGuard, OwnAccount},
	YouthWorker: {SeeOverview, SeeCases, Contribute, SendSignal, SeeTrends, SeeSessions, SeeAgreements,
		AnswerQuestions, SeeDisclosed, Rescue, UseGuard, OwnAccount},
	Attendance: atTable,
	Police:     atTable,
	Doctor:     atTable,
	SocialWork: atTable,
	CareWorker: atTable,
	Officer:    {ReadLog, OwnAccount},
	Admin:      {ManageMembers, InviteMembers, ManageTeam, EndMembers, SeeTeam, OwnAccount},
}

var atTable = []Permission{SeeOverview, SeeCases, Contribute, SendSignal, SeeTrends, SeeSessions, SeeAgreements,
	SeeDisclosed, Rescue, UseGuard, OwnAccount}

// May reports whether the role has the permission. An unknown role has none.
func (r Role) May(p Permission) bool {
	for _, q := range table[r] {
		if q == p {
			return true
		}
	}
	return false
}
