package demo

import "zat/account"

// School and team of the demo. Everybody and everything in it is invented.
const (
	School = "Praktijkschool De Stuwdam"
	Team   = "ZAT De Stuwdam"
)

// Password is everybody's password in the demo. It protects nothing: the demo
// shows it on the terminal.
const Password = "zeven ganzen onder de brug"

// Person is somebody of the demo with what he needs to sign in.
type Person struct {
	Name         string       `json:"name"`
	Role         account.Role `json:"role"`
	Email        string       `json:"email"`
	Password     string       `json:"password"`
	TOTPSecret   string       `json:"totp_secret"`
	Organisation string       `json:"organisation"`
	Paper        string       `json:"paper,omitempty"` // the team's recovery identity
	external     bool
}

func cast() []Person {
	return []Person{
		{Name: "Marijke de Graaf", Role: account.Coordinator, Email: "m.degraaf@stuwdam.example", Organisation: School},
		{Name: "Sjoerd Hoekstra", Role: account.Coordinator, Email: "s.hoekstra@stuwdam.example", Organisation: School},
		{Name: "Rachid Amrani", Role: account.YouthWorker, Email: "r.amrani@wijkwerk.example", Organisation: "Jongerenwerk Waalkade", external: true},
		{Name: "Denise Pinas", Role: account.YouthWorker, Email: "d.pinas@wijkwerk.example", Organisation: "Jongerenwerk Waalkade", external: true},
		{Name: "Anneke Tielemans", Role: account.Attendance, Email: "a.tielemans@rbl.example", Organisation: "Bureau Leerplicht", external: true},
		{Name: "Bas Verschuren", Role: account.Police, Email: "b.verschuren@wijkpolitie.example", Organisation: "Wijkpolitie Noord", external: true},
		{Name: "Elif Karaca", Role: account.Doctor, Email: "e.karaca@jgz.example", Organisation: "Jeugdgezondheidszorg", external: true},
		{Name: "Corine van Asten", Role: account.SocialWork, Email: "c.vanasten@smw.example", Organisation: "Schoolmaatschappelijk Werk Rijn", external: true},
		{Name: "Joost Bakker", Role: account.Officer, Email: "j.bakker@bestuur.example", Organisation: School},
		{Name: "Wendy Smulders", Role: account.Admin, Email: "w.smulders@stuwdam.example", Organisation: School},
	}
}
