package web

import (
	"github.com/gofiber/fiber/v2"

	"zat/account"
)

// routes is the security table of the pages: who may open what. Whether this
// person may see this case is asked again in the use case.
func (s *Server) routes(app *fiber.App) {
	app.Get("/static/:version/:file", s.static)
	app.Get("/gezond", s.health)
	app.Get("/aanmelden", s.showSignIn)
	app.Post("/aanmelden", s.postSignIn)
	app.Get("/welkom/:token", s.showJoin)
	app.Post("/welkom/:token", s.postJoin)
	app.Post("/taal", s.postLanguage)
	if s.Demo != nil {
		app.Get("/demo", s.showDemo)
		app.Post("/demo", s.postDemo)
	}
	get := func(path string, p account.Permission, h fiber.Handler) { app.Get(path, s.allow(p), h) }
	post := func(path string, p account.Permission, h fiber.Handler) { app.Post(path, s.allow(p), h) }

	get("/", account.OwnAccount, s.showHome)
	post("/afmelden", account.OwnAccount, s.postSignOut)
	post("/afmelden/overal", account.OwnAccount, s.postSignOutAll)
	get("/concepten", account.OwnAccount, s.showDrafts)
	post("/concepten/:id/weg", account.OwnAccount, s.postDropDraft)
	post("/controle", account.UseGuard, s.postGuard)

	get("/casussen", account.SeeCases, s.showCases)
	get("/casussen/:id", account.SeeCases, s.showCase)
	post("/casussen/:id/notitie", account.Contribute, s.postNote)
	post("/casussen/:id/afspraak", account.Contribute, s.postAgreement)
	post("/casussen/:id/naam", account.SeeDisclosed, s.postDisclosed)
	get("/casussen/:id/hulpvraag", account.ManageCases, s.showAsk)
	post("/casussen/:id/hulpvraag", account.ManageCases, s.postAsk)
	get("/casussen/:id/grondslag", account.ManageCases, s.showBasis)
	post("/casussen/:id/grondslag", account.ManageCases, s.postBasis)
	post("/casussen/:id/grondslag/:basis/intrekken", account.ManageCases, s.postWithdraw)
	get("/casussen/:id/deelnemers", account.ManageCases, s.showParticipants)
	post("/casussen/:id/deelnemers", account.ManageCases, s.postParticipant)
	post("/casussen/:id/deelnemers/:member/weg", account.ManageCases, s.postRemoveParticipant)
	post("/casussen/:id/fase", account.ManageCases, s.postPhase)
	post("/casussen/:id/sluiten", account.ManageCases, s.postCloseCase)
	post("/casussen/:id/vraag", account.ManageCases, s.postRecognition)
	get("/casussen/:id/identiteit", account.OpenIdentity, s.showIdentity)
	post("/casussen/:id/identiteit", account.OpenIdentity, s.postIdentity)
	post("/casussen/:id/onthulling", account.OpenIdentity, s.postDisclosure)

	get("/signaal", account.SendSignal, s.showSignal)
	post("/signaal", account.SendSignal, s.postSignal)
	get("/mijn-signalen", account.SendSignal, s.showOwnSignals)
	get("/signalen", account.JudgeSignals, s.showInbox)
	get("/signalen/:id", account.JudgeSignals, s.showJudge)
	post("/signalen/:id/koppelen", account.JudgeSignals, s.postTie)
	post("/signalen/:id/afwijzen", account.JudgeSignals, s.postDecline)
	get("/vragen", account.AnswerQuestions, s.showQuestions)
	post("/vragen/:id", account.AnswerQuestions, s.postAnswer)
	post("/vragen/:id/doorgeven", account.AnswerQuestions, s.postPass)
	get("/trends", account.SeeTrends, s.showTrends)

	get("/overleggen", account.SeeSessions, s.showSessions)
	get("/overleggen/nieuw", account.ChairSessions, s.showPlan)
	post("/overleggen/nieuw", account.ChairSessions, s.postPlan)
	get("/overleggen/:id", account.SeeSessions, s.showSession)
	get("/overleggen/:id/verslag", account.SeeSessions, s.showMinutes)
	get("/overleggen/:id/projectie", account.ChairSessions, s.showProjector)
	get("/overleggen/:id/stand", account.SeeSessions, s.showRevision)
	post("/overleggen/:id/punten", account.ChairSessions, s.postPoint)
	post("/overleggen/:id/punten/:point/weg", account.ChairSessions, s.postDropPoint)
	post("/overleggen/:id/punten/:point/omhoog", account.ChairSessions, s.postPointUp)
	post("/overleggen/:id/punten/:point/omlaag", account.ChairSessions, s.postPointDown)
	post("/overleggen/:id/start", account.ChairSessions, s.postStart)
	post("/overleggen/:id/naar", account.ChairSessions, s.postGoTo)
	post("/overleggen/:id/tijd", account.ChairSessions, s.postMoreTime)
	post("/overleggen/:id/aanwezig", account.ChairSessions, s.postPresent)
	post("/overleggen/:id/punten/:point/aantekeningen", account.ChairSessions, s.postNotes)
	post("/overleggen/:id/punten/:point/afspraak", account.ChairSessions, s.postPointAgreement)
	post("/overleggen/:id/punten/:point/besluit", account.ChairSessions, s.postOutcome)
	post("/overleggen/:id/sluiten", account.ChairSessions, s.postCloseSession)
	get("/afspraken", account.SeeAgreements, s.showAgreements)
	post("/afspraken/:id/gedaan", account.SeeAgreements, s.postDone)

	get("/register", account.UseRegister, s.showRegister)
	post("/register", account.UseRegister, s.postSearch)
	get("/register/nieuw", account.UseRegister, s.showNewPupil)
	post("/register/nieuw", account.UseRegister, s.postNewPupil)
	get("/register/invoer", account.UseRegister, s.showImport)
	post("/register/invoer", account.UseRegister, s.postImport)
	post("/register/invoer/opslaan", account.UseRegister, s.postImportStore)
	get("/register/:id", account.UseRegister, s.showPupil)
	post("/register/:id", account.UseRegister, s.postPupil)
	get("/register/:id/casus", account.UseRegister, s.showOpenCase)
	post("/register/:id/casus", account.ManageCases, s.postOpenCase)

	get("/logboek", account.ReadLog, s.showLog)
	post("/logboek/controleren", account.ReadLog, s.postVerify)
	get("/logboek/controlepunt", account.ReadLog, s.showCheckpoint)
	get("/beheer", account.ManageMembers, s.showMembers)
	post("/beheer", account.ManageMembers, s.postInvite)
	post("/toegang/:member", account.GiveAccess, s.postAccess)
	app.Use(s.notFound)
}
