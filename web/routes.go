package web

import (
	"github.com/gofiber/fiber/v2"

	"zat/account"
	"zat/fault"
)

// routes is the security table of the pages: who may open what. Whether this
// person may see this case is asked again in the use case.
func (s *Server) routes(app *fiber.App) {
	app.Get("/static/:version/:file", s.static)
	app.Get("/gezond", s.health)
	app.Post("/getuige/add-checkpoint", s.postWitness)
	app.Get("/aanmelden", s.showSignIn)
	app.Post("/aanmelden", s.postSignIn)
	app.Post("/aanmelden/passkey", s.postAskEntry)
	app.Get("/aanmelden/organisatie", s.showOrganisation)
	app.Get("/aanmelden/organisatie/terug", s.showReturn)
	app.Get("/aanmelden/sleutel", s.showUnlock)
	app.Post("/aanmelden/sleutel", s.postUnlock)
	app.Get("/welkom/:token", s.showJoin)
	app.Post("/welkom/:token", s.postJoin)
	app.Post("/welkom/:token/passkey", s.postAskFirst)
	app.Get("/herstel/wachtwoord", s.showRecover)
	app.Post("/herstel/wachtwoord", s.postRecover)
	app.Get("/herstel/telefoon", s.showRecoverPhone)
	app.Post("/herstel/telefoon", s.postRecoverPhone)
	app.Get("/opnieuw/:token", s.showAnew)
	app.Post("/opnieuw/:token", s.postAnew)
	app.Post("/taal", s.postLanguage)
	if s.Demo != nil {
		app.Get("/demo", s.showDemo)
		app.Post("/demo", s.postDemo)
	}
	s.ownRoutes(app)
	s.caseRoutes(app)
	s.signalRoutes(app)
	s.sessionRoutes(app)
	s.followRoutes(app)
	s.registerRoutes(app)
	s.logRoutes(app)
	s.officeRoutes(app)
	app.Use(s.notFound)
}

// door is one entry of the table: a method and path, and who may open it.
type door struct {
	method, path string
	may          account.Permission
	handle       fiber.Handler
}

// weighty are the doors that ask for a fresh proof of who opens them: names, keys,
// roles, and what leaves the building.
var weighty = map[string]bool{
	"/casussen/:id/identiteit": true, "/casussen/:id/onthulling": true,
	"/account/sessies/:ref/weg": true, "/account/gezien": true, "/account/passkeys": true, "/account/passkeys/vraag": true, "/account/passkeys/:ref/weg": true, "/account/organisatie": true, "/account/organisatie/weg": true,
	"/team/sleutels/:kind": true, "/team/herstelblad": true, "/team/:member/beeindigen": true, "/toegang/:member": true,
	"/herstellen": true, "/overleggen/:id/verslag/bewaren": true, "/account/bewaarsleutel": true, "/beheer/:member/rol": true, "/beheer/instellingen": true, "/herstellen/:id": true,
}

// withoutPassword are doors at which everybody types his password; who has none
// proves it before.
var withoutPassword = map[string]bool{"/account/wachtwoord": true, "/account/herstelcode": true}

func (s *Server) open(app *fiber.App, doors []door) {
	for _, d := range doors {
		handle := d.handle
		if d.method == fiber.MethodGet {
			handle = again(handle)
		}
		if withoutPassword[d.path] {
			app.Add(d.method, d.path, s.allow(d.may), s.freshWithout, handle)
			continue
		}
		if weighty[d.path] {
			app.Add(d.method, d.path, s.allow(d.may), s.fresh, handle)
			continue
		}
		app.Add(d.method, d.path, s.allow(d.may), handle)
	}
}

// again repeats what reads once, when the keys were renewed under it.
func again(handle fiber.Handler) fiber.Handler {
	return func(c *fiber.Ctx) error {
		err := handle(c)
		if fault.Is(err, fault.Busy) {
			return handle(c)
		}
		return err
	}
}

// ownRoutes are everybody's own pages, and the check of a text while it is typed.
func (s *Server) ownRoutes(app *fiber.App) {
	s.open(app, []door{
		{fiber.MethodGet, "/", account.OwnAccount, s.showHome},
		{fiber.MethodGet, "/slot", account.OwnAccount, s.showCover},
		{fiber.MethodPost, "/slot", account.OwnAccount, s.postLift},
		{fiber.MethodPost, "/slot/dicht", account.OwnAccount, s.postLock},
		{fiber.MethodPost, "/afmelden", account.OwnAccount, s.postSignOut},
		{fiber.MethodPost, "/afmelden/overal", account.OwnAccount, s.postSignOutAll},
		{fiber.MethodPost, "/teams/:member", account.OwnAccount, s.postSwitch},
		{fiber.MethodGet, "/account", account.OwnAccount, s.showAccount},
		{fiber.MethodPost, "/account/sessies/:ref/weg", account.OwnAccount, s.postEndSession},
		{fiber.MethodPost, "/account/gezien", account.OwnAccount, s.postSeen},
		{fiber.MethodGet, "/account/wachtwoord", account.OwnAccount, s.showPassword},
		{fiber.MethodPost, "/account/wachtwoord", account.OwnAccount, s.postPassword},
		{fiber.MethodGet, "/account/herstelcode", account.OwnAccount, s.showPaper},
		{fiber.MethodPost, "/account/herstelcode", account.OwnAccount, s.postPaper},
		{fiber.MethodGet, "/account/telefoon", account.OwnAccount, s.showPhone},
		{fiber.MethodPost, "/account/telefoon", account.OwnAccount, s.postPhone},
		{fiber.MethodGet, "/bevestigen", account.OwnAccount, s.showProve},
		{fiber.MethodPost, "/bevestigen", account.OwnAccount, s.postProve},
		{fiber.MethodGet, "/account/organisatie", account.OwnAccount, s.showLink},
		{fiber.MethodPost, "/account/organisatie/weg", account.OwnAccount, s.postUnlink},
		{fiber.MethodGet, "/account/sleutels", account.OwnAccount, s.showOwnKeys},
		{fiber.MethodPost, "/account/sleutels", account.OwnAccount, s.postOwnKeys},
		{fiber.MethodGet, "/account/passkeys", account.OwnAccount, s.showPasskeys},
		{fiber.MethodPost, "/account/passkeys", account.OwnAccount, s.postPasskey},
		{fiber.MethodPost, "/account/passkeys/vraag", account.OwnAccount, s.postAskPasskey},
		{fiber.MethodPost, "/account/passkeys/:ref/weg", account.OwnAccount, s.postDropPasskey},
		{fiber.MethodGet, "/concepten", account.OwnAccount, s.showDrafts},
		{fiber.MethodPost, "/concepten/:id/weg", account.OwnAccount, s.postDropDraft},
		{fiber.MethodPost, "/controle", account.UseGuard, s.postGuard},
	})
}

// caseRoutes are the cases, their bases and the identity behind them.
func (s *Server) caseRoutes(app *fiber.App) {
	s.open(app, []door{
		{fiber.MethodGet, "/casussen", account.SeeCases, s.showCases},
		{fiber.MethodGet, "/casussen/:id", account.SeeCases, s.showCase},
		{fiber.MethodPost, "/casussen/:id/notitie", account.Contribute, s.postNote},
		{fiber.MethodPost, "/casussen/:id/afspraak", account.Contribute, s.postAgreement},
		{fiber.MethodPost, "/casussen/:id/terugkoppeling", account.ManageCases, s.postFeedback},
		{fiber.MethodGet, "/casussen/:id/terugkoppeling/:item", account.SeeCases, s.showFeedback},
		{fiber.MethodPost, "/casussen/:id/naam", account.SeeDisclosed, s.postDisclosed},
		{fiber.MethodGet, "/casussen/:id/hulpvraag", account.ManageCases, s.showAsk},
		{fiber.MethodPost, "/casussen/:id/hulpvraag", account.ManageCases, s.postAsk},
		{fiber.MethodGet, "/casussen/:id/grondslag", account.ManageCases, s.showBasis},
		{fiber.MethodPost, "/casussen/:id/grondslag", account.ManageCases, s.postBasis},
		{fiber.MethodPost, "/casussen/:id/grondslag/:basis/intrekken", account.ManageCases, s.postWithdraw},
		{fiber.MethodGet, "/casussen/:id/deelnemers", account.ManageCases, s.showParticipants},
		{fiber.MethodPost, "/casussen/:id/deelnemers", account.ManageCases, s.postParticipant},
		{fiber.MethodPost, "/casussen/:id/deelnemers/:member/weg", account.ManageCases, s.postRemoveParticipant},
		{fiber.MethodPost, "/casussen/:id/fase", account.ManageCases, s.postPhase},
		{fiber.MethodPost, "/casussen/:id/sluiten", account.ManageCases, s.postCloseCase},
		{fiber.MethodPost, "/casussen/:id/vraag", account.ManageCases, s.postRecognition},
		{fiber.MethodGet, "/casussen/:id/gezien", account.ManageCases, s.showSeen},
		{fiber.MethodPost, "/casussen/:id/afgedrukt", account.SeeCases, s.postCasePrinted},
		{fiber.MethodPost, "/casussen/:id/vraag/:question/delen", account.ManageCases, s.postShareAnswer},
		{fiber.MethodGet, "/casussen/:id/identiteit", account.OpenIdentity, s.showIdentity},
		{fiber.MethodPost, "/casussen/:id/identiteit", account.OpenIdentity, s.postIdentity},
		{fiber.MethodPost, "/casussen/:id/onthulling", account.OpenIdentity, s.postDisclosure},
	})
}

// signalRoutes are signals, the inbox, questions of recognition and trends.
func (s *Server) signalRoutes(app *fiber.App) {
	s.open(app, []door{
		{fiber.MethodGet, "/signaal", account.SendSignal, s.showSignal},
		{fiber.MethodPost, "/signaal", account.SendSignal, s.postSignal},
		{fiber.MethodGet, "/mijn-signalen", account.SendSignal, s.showOwnSignals},
		{fiber.MethodGet, "/signalen", account.JudgeSignals, s.showInbox},
		{fiber.MethodGet, "/signalen/:id", account.JudgeSignals, s.showJudge},
		{fiber.MethodPost, "/signalen/:id/koppelen", account.JudgeSignals, s.postTie},
		{fiber.MethodPost, "/signalen/:id/afwijzen", account.JudgeSignals, s.postDecline},
		{fiber.MethodGet, "/vragen", account.AnswerQuestions, s.showQuestions},
		{fiber.MethodPost, "/vragen/:id", account.AnswerQuestions, s.postAnswer},
		{fiber.MethodPost, "/vragen/:id/doorgeven", account.AnswerQuestions, s.postPass},
		{fiber.MethodGet, "/trends", account.SeeTrends, s.showTrends},
	})
}

// sessionRoutes are sessions with their agenda and minutes, and agreements.
func (s *Server) sessionRoutes(app *fiber.App) {
	s.open(app, []door{
		{fiber.MethodGet, "/overleggen", account.SeeSessions, s.showSessions},
		{fiber.MethodGet, "/overleggen/nieuw", account.ChairSessions, s.showPlan},
		{fiber.MethodPost, "/overleggen/nieuw", account.ChairSessions, s.postPlan},
		{fiber.MethodGet, "/overleggen/vakanties", account.ChairSessions, s.showHolidays},
		{fiber.MethodPost, "/overleggen/vakanties", account.ChairSessions, s.postHoliday},
		{fiber.MethodPost, "/overleggen/vakanties/:id/weg", account.ChairSessions, s.postDropHoliday},
		{fiber.MethodGet, "/overleggen/:id", account.SeeSessions, s.showSession},
		{fiber.MethodGet, "/overleggen/:id/agenda.ics", account.SeeSessions, s.showCalendar},
		{fiber.MethodPost, "/overleggen/:id/uitnodigen", account.ChairSessions, s.postMailSession},
		{fiber.MethodPost, "/overleggen/:id/verplaatsen", account.ChairSessions, s.postMove},
		{fiber.MethodPost, "/overleggen/:id/genodigden", account.ChairSessions, s.postInvited},
		{fiber.MethodPost, "/overleggen/:id/afzeggen", account.ChairSessions, s.postCancel},
		{fiber.MethodPost, "/overleggen/:id/notulist", account.ChairSessions, s.postScribe},
		{fiber.MethodPost, "/overleggen/:id/voorstel", account.ChairSessions, s.postProposals},
		{fiber.MethodPost, "/overleggen/:id/volgorde", account.ChairSessions, s.postOrder},
		{fiber.MethodPost, "/overleggen/:id/punten/:point/minuten", account.ChairSessions, s.postMinutesOf},
		{fiber.MethodPost, "/overleggen/:id/punten/:point/parkeren", account.ChairSessions, s.postPark},
		{fiber.MethodGet, "/overleggen/:id/verslag", account.SeeSessions, s.showMinutes},
		{fiber.MethodPost, "/overleggen/:id/verslag/akkoord", account.SeeSessions, s.postConfirmMinutes},
		{fiber.MethodPost, "/overleggen/:id/verslag/vaststellen", account.ChairSessions, s.postFixMinutes},
		{fiber.MethodPost, "/overleggen/:id/verslag/bewaren", account.ChairSessions, s.postKeep},
		{fiber.MethodPost, "/overleggen/:id/verslag/afgedrukt", account.SeeSessions, s.postMinutesPrinted},
		{fiber.MethodPost, "/overleggen/:id/verslag/:point/opmerking", account.Contribute, s.postRemark},
		{fiber.MethodPost, "/overleggen/:id/verslag/:point/aantekeningen", account.ChairSessions, s.postAmend},
		{fiber.MethodPost, "/overleggen/:id/verslag/:point/aanvulling", account.ChairSessions, s.postAddendum},
		{fiber.MethodGet, "/account/bewaarsleutel", account.SeeSessions, s.showKeeper},
		{fiber.MethodPost, "/account/bewaarsleutel", account.SeeSessions, s.postKeeper},
		{fiber.MethodPost, "/overleggen/:id/punten", account.ChairSessions, s.postPoint},
		{fiber.MethodPost, "/overleggen/:id/punten/:point/weg", account.ChairSessions, s.postDropPoint},
		{fiber.MethodPost, "/overleggen/:id/punten/:point/omhoog", account.ChairSessions, s.postPointUp},
		{fiber.MethodPost, "/overleggen/:id/punten/:point/omlaag", account.ChairSessions, s.postPointDown},
		{fiber.MethodPost, "/overleggen/:id/start", account.ChairSessions, s.postStart},
		{fiber.MethodPost, "/overleggen/:id/naar", account.ChairSessions, s.postGoTo},
		{fiber.MethodPost, "/overleggen/:id/tijd", account.ChairSessions, s.postMoreTime},
		{fiber.MethodPost, "/overleggen/:id/aanwezig", account.ChairSessions, s.postPresent},
		{fiber.MethodPost, "/overleggen/:id/hand", account.SeeSessions, s.postHand},
		{fiber.MethodPost, "/overleggen/:id/woord/:member", account.ChairSessions, s.postFloor},
		{fiber.MethodGet, "/overleggen/:id/punten/:point/voorbereiden", account.Contribute, s.showPrepare},
		{fiber.MethodPost, "/overleggen/:id/punten/:point/voorbereiden", account.Contribute, s.postPrepare},
		{fiber.MethodPost, "/overleggen/:id/punten/:point/bijdrage", account.Contribute, s.postContribution},
		{fiber.MethodPost, "/overleggen/:id/punten/:point/aantekeningen", account.Contribute, s.postNotes},
		{fiber.MethodPost, "/overleggen/:id/punten/:point/afspraak", account.Contribute, s.postPointAgreement},
		{fiber.MethodPost, "/overleggen/:id/punten/:point/besluit", account.ChairSessions, s.postOutcome},
		{fiber.MethodPost, "/overleggen/:id/sluiten", account.ChairSessions, s.postCloseSession},
		{fiber.MethodGet, "/cijfers", account.ChairSessions, s.showNumbers},
		{fiber.MethodGet, "/afspraken", account.SeeAgreements, s.showAgreements},
		{fiber.MethodPost, "/afspraken/bericht", account.SeeAgreements, s.postDigest},
		{fiber.MethodPost, "/afspraken/:id/gedaan", account.SeeAgreements, s.postDone},
		{fiber.MethodPost, "/afspraken/:id/vervalt", account.ManageCases, s.postDropAgreement},
	})
}

// followRoutes are what a page asks by itself, without its reader doing anything.
func (s *Server) followRoutes(app *fiber.App) {
	app.Get("/logboek/stand", s.allowPeek(account.ReadLog), s.showCheckState)
	app.Get("/overleggen/:id/live", s.allowPeek(account.SeeSessions), s.showLive)
	app.Get("/overleggen/:id/projectie", s.allowPeek(account.ChairSessions), s.showProjector)
}

// registerRoutes are the pupils and the way from a pupil to a case.
func (s *Server) registerRoutes(app *fiber.App) {
	s.open(app, []door{
		{fiber.MethodGet, "/register", account.UseRegister, s.showRegister},
		{fiber.MethodPost, "/register", account.UseRegister, s.postSearch},
		{fiber.MethodGet, "/register/nieuw", account.UseRegister, s.showNewPupil},
		{fiber.MethodPost, "/register/nieuw", account.UseRegister, s.postNewPupil},
		{fiber.MethodGet, "/register/invoer", account.UseRegister, s.showImport},
		{fiber.MethodPost, "/register/invoer", account.UseRegister, s.postImport},
		{fiber.MethodPost, "/register/invoer/opslaan", account.UseRegister, s.postImportStore},
		{fiber.MethodGet, "/register/:id", account.UseRegister, s.showPupil},
		{fiber.MethodPost, "/register/:id", account.UseRegister, s.postPupil},
		{fiber.MethodGet, "/register/:id/casus", account.UseRegister, s.showOpenCase},
		{fiber.MethodPost, "/register/:id/casus", account.ManageCases, s.postOpenCase},
	})
}

// logRoutes are the log, for the compliance officer.
func (s *Server) logRoutes(app *fiber.App) {
	s.open(app, []door{
		{fiber.MethodGet, "/logboek", account.ReadLog, s.showLog},
		{fiber.MethodPost, "/logboek", account.ReadLog, s.postLogFilter},
		{fiber.MethodGet, "/logboek/regels/:seq", account.ReadLog, s.showLine},
		{fiber.MethodGet, "/logboek/casussen/:id", account.ReadLog, s.showCaseLog},
		{fiber.MethodPost, "/logboek/casussen/:id", account.ReadLog, s.postAccessReport},
		{fiber.MethodGet, "/logboek/personen/:id", account.ReadLog, s.showPersonLog},
		{fiber.MethodGet, "/logboek/overleggen/:id", account.ReadLog, s.showMeetingLog},
		{fiber.MethodGet, "/logboek/bevindingen", account.ReadLog, s.showFindings},
		{fiber.MethodGet, "/logboek/controles", account.ReadLog, s.showReviews},
		{fiber.MethodPost, "/logboek/controles", account.ReadLog, s.postReviews},
		{fiber.MethodGet, "/logboek/controles/:id", account.ReadLog, s.showReview},
		{fiber.MethodPost, "/logboek/controles/:id", account.ReadLog, s.postReview},
		{fiber.MethodGet, "/logboek/datalekken", account.ReadLog, s.showBreaches},
		{fiber.MethodPost, "/logboek/datalekken", account.ReadLog, s.postBreaches},
		{fiber.MethodGet, "/logboek/datalekken/:id", account.ReadLog, s.showBreach},
		{fiber.MethodPost, "/logboek/datalekken/:id", account.ReadLog, s.postBreach},
		{fiber.MethodGet, "/logboek/verwerkingen", account.ReadLog, s.showProcessing},
		{fiber.MethodPost, "/logboek/verwerkingen", account.ReadLog, s.postProcessing},
		{fiber.MethodGet, "/logboek/uitvoer", account.ReadLog, s.showExport},
		{fiber.MethodPost, "/logboek/uitvoer", account.ReadLog, s.postExport},
		{fiber.MethodGet, "/logboek/bewijs", account.ReadLog, s.showIntegrity},
		{fiber.MethodPost, "/logboek/controleren", account.ReadLog, s.postVerify},
		{fiber.MethodPost, "/logboek/vergelijken", account.ReadLog, s.postCompare},
		{fiber.MethodGet, "/logboek/controlepunt", account.ReadLog, s.showCheckpoint},
	})
}

// officeRoutes are the members and access.
func (s *Server) officeRoutes(app *fiber.App) {
	s.open(app, []door{
		{fiber.MethodGet, "/beheer", account.InviteMembers, s.showMembers},
		{fiber.MethodPost, "/beheer", account.InviteMembers, s.postInvite},
		{fiber.MethodGet, "/beheer/instellingen", account.ManageTeam, s.showSettings},
		{fiber.MethodPost, "/beheer/instellingen", account.ManageTeam, s.postSettings},
		{fiber.MethodGet, "/beheer/organisaties/:id", account.ManageTeam, s.showOrganisationForm},
		{fiber.MethodPost, "/beheer/organisaties/:id", account.ManageTeam, s.postOrganisation},
		{fiber.MethodGet, "/beheer/:member/rol", account.ManageMembers, s.showRole},
		{fiber.MethodPost, "/beheer/:member/rol", account.ManageMembers, s.postRole},
		{fiber.MethodPost, "/beheer/:member/afmelden", account.ManageMembers, s.postEndSessions},
		{fiber.MethodPost, "/beheer/:member/uitnodiging", account.InviteMembers, s.postInviteAgain},
		{fiber.MethodGet, "/toegang/:member", account.GiveAccess, s.showAccess},
		{fiber.MethodPost, "/toegang/:member", account.GiveAccess, s.postAccess},
		{fiber.MethodGet, "/team", account.SeeTeam, s.showTeam},
		{fiber.MethodPost, "/team/sleutels/:kind", account.GiveAccess, s.postRotate},
		{fiber.MethodGet, "/team/herstelblad", account.GiveAccess, s.showTeamPaper},
		{fiber.MethodPost, "/team/herstelblad", account.GiveAccess, s.postTeamPaper},
		{fiber.MethodGet, "/herstellen", account.Rescue, s.showRescues},
		{fiber.MethodPost, "/herstellen", account.Rescue, s.postRescue},
		{fiber.MethodGet, "/herstellen/:id", account.Rescue, s.showConfirm},
		{fiber.MethodPost, "/herstellen/:id", account.Rescue, s.postConfirm},
		{fiber.MethodPost, "/herstellen/:id/stop", account.OwnAccount, s.postStopRescue},
		{fiber.MethodGet, "/team/:member/beeindigen", account.EndMembers, s.showLeave},
		{fiber.MethodPost, "/team/:member/beeindigen", account.EndMembers, s.postLeave},
	})
}
