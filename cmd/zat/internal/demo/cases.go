package demo

// script is what happened in one case, told as the team would write it.
type script struct {
	pupil    string // leerlingnummer
	question string
	domains  []string
	basis    bool
	signals  []line
	notes    []line
}

// line is one contribution: who, how many days ago, and what.
type line struct {
	role    string
	days    int
	domain  string
	tone    string
	knowing string
	text    string
}

// scripts are the cases of the demo. The texts name nobody.
var scripts = []script{
	{pupil: "240107", question: "Hoe houden we deze leerling betrokken na de wisseling van klas?", domains: []string{"school", "leisure"}, basis: true,
		signals: []line{
			{"youth", 62, "leisure", "concern", "seen", "Hangt sinds de herfst vaak met oudere jongens bij de sporthal, ook onder schooltijd."},
			{"youth", 41, "leisure", "strength", "seen", "Helpt elke woensdag bij de kookclub en komt dan altijd op tijd."},
			{"attendance", 58, "school", "concern", "seen", "Negen keer te laat in vier weken, steeds het eerste uur."},
			{"social", 20, "home", "strength", "told", "Oma is betrokken en brengt hem drie ochtenden naar school."},
		},
		notes: []line{{"coordinator", 39, "", "", "", "Mentor gesproken: in de praktijkvakken gaat het goed, bij theorie haakt hij af."}}},
	{pupil: "240149", question: "Wat is nodig zodat deze leerling weer vier dagen per week naar school komt, en wie kan thuis ondersteunen?", domains: []string{"school", "home", "health"}, basis: true,
		signals: []line{
			{"attendance", 55, "school", "concern", "seen", "Elf dagen verzuim in vier weken, waarvan zeven ziek gemeld door de leerling zelf."},
			{"doctor", 50, "health", "concern", "told", "Slaapt slecht en is overdag moe. Een afspraak op het spreekuur staat gepland."},
			{"youth", 33, "leisure", "concern", "told", "Is gestopt met voetbal omdat de contributie niet betaald kon worden."},
			{"youth", 12, "home", "strength", "seen", "Zorgt goed voor een jonger kind uit het gezin en is daar trots op."},
			{"coordinator", 30, "school", "strength", "seen", "Sterk in techniek, legt anderen uit hoe de machine werkt."},
		}},
	{pupil: "240205", question: "Kan deze leerling veilig naar huis fietsen, en wie praat er met de groep bij het winkelplein?", domains: []string{"safety", "leisure"}, basis: true,
		signals: []line{
			{"police", 47, "safety", "concern", "hearsay", "Twee meldingen van ruzie op het winkelplein na schooltijd; geen aangifte."},
			{"youth", 26, "safety", "concern", "seen", "Fietst om, om een groepje te ontwijken. Zegt er zelf weinig over."},
			{"youth", 9, "leisure", "strength", "seen", "Komt sinds twee weken naar de dinsdaginloop en praat dan wel."},
		}},
	{pupil: "240261", question: "Wat heeft deze leerling nodig om de stage af te maken?", domains: []string{"school", "money"}, basis: true,
		signals: []line{
			{"social", 44, "money", "concern", "told", "Geen geld voor werkschoenen en reiskosten; er is een aanvraag gedaan."},
			{"coordinator", 18, "school", "strength", "seen", "De stagebegeleider is tevreden over inzet en omgang met klanten."},
		}},
	{pupil: "240317", question: "Hoe ondersteunen we deze leerling bij de spanning thuis?", domains: []string{"home"}, basis: true,
		signals: []line{
			{"social", 36, "home", "concern", "told", "Er is veel spanning thuis over geld. De leerling eet vaak bij een buurvrouw."},
			{"youth", 15, "leisure", "strength", "seen", "Begeleidt de jongste groep bij het zaalvoetbal, rustig en geduldig."},
		}},
	{pupil: "240373", question: "Deze leerling is stil geworden sinds de zomer. Wie kent de situatie, en wat helpt?", domains: []string{"health", "school"}, basis: false,
		signals: []line{{"coordinator", 6, "school", "concern", "seen", "Plots lagere cijfers en trekt zich terug in de pauze."}}},
}

// trends tell of the neighbourhood without a pupil.
var trends = []line{
	{"youth", 60, "safety", "", "", "Onrust rond de sporthal na tienen; de groep is groter dan voor de zomer."},
	{"youth", 31, "leisure", "", "", "De dinsdaginloop trekt steeds meer bezoekers uit de onderbouw."},
	{"youth", 13, "safety", "", "", "Op het winkelplein wordt met vuurwerk gestunt, ook overdag."},
	{"police", 10, "safety", "", "", "Meer scooters op het fietspad achter de school tussen drie en vier uur."},
	{"social", 8, "money", "", "", "Meer gezinnen vragen hulp bij de energierekening."},
	{"youth", 3, "leisure", "", "", "Veel gesprekken over gokken op de telefoon, vooral bij jongens van de bovenbouw."},
}
