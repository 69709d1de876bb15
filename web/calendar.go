package web

import (
	"bytes"
	"fmt"
	"time"

	"github.com/emersion/go-ical"
	"github.com/gofiber/fiber/v2"

	"zat/meeting"
)

const zone = "Europe/Amsterdam"

// calendarFile is a session as calendars read it (RFC 5545). It tells when and that
// there is one, and nothing of whom it is about, nor where: the place may say more
// than it should in somebody else's calendar.
func calendarFile(ses meeting.Session, title, url string, now time.Time) ([]byte, error) {
	e := ical.NewEvent()
	e.Props.SetText(ical.PropUID, ses.ID.String()+"@zorgtafel")
	e.Props.SetDateTime(ical.PropDateTimeStamp, now.UTC())
	seq := ical.NewProp(ical.PropSequence)
	seq.Value = fmt.Sprint(ses.Moved)
	e.Props.Set(seq)
	for name, t := range map[string]time.Time{ical.PropDateTimeStart: ses.Starts, ical.PropDateTimeEnd: ses.Ends} {
		p := ical.NewProp(name)
		p.Params.Set(ical.ParamTimezoneID, zone)
		p.Value = t.In(meeting.Amsterdam).Format("20060102T150405")
		e.Props.Set(p)
	}
	e.Props.SetText(ical.PropSummary, title)
	if url != "" {
		p := ical.NewProp(ical.PropURL)
		p.Value = url
		e.Props.Set(p)
	}
	e.Props.SetText(ical.PropClass, "PRIVATE")
	cal := ical.NewCalendar()
	cal.Props.SetText(ical.PropVersion, "2.0")
	cal.Props.SetText(ical.PropProductID, "-//zat//Zorgtafel//NL")
	method := "PUBLISH"
	if ses.State == meeting.Off {
		method = "CANCEL"
		e.Props.SetText(ical.PropStatus, "CANCELLED")
	}
	cal.Props.SetText(ical.PropMethod, method)
	cal.Children = append(cal.Children, amsterdam(), e.Component)
	var buf bytes.Buffer
	if err := ical.NewEncoder(&buf).Encode(cal); err != nil {
		return nil, fmt.Errorf("writing a calendar file: %w", err)
	}
	return buf.Bytes(), nil
}

// amsterdam is the zone with its two changes a year (EU directive 2000/84/EC): the last
// Sundays of March and October.
func amsterdam() *ical.Component {
	tz := ical.NewComponent(ical.CompTimezone)
	tz.Props.SetText(ical.PropTimezoneID, zone)
	for _, half := range []struct{ comp, name, start, rule, from, to string }{
		{ical.CompTimezoneStandard, "CET", "19961027T030000", "FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU", "+0200", "+0100"},
		{ical.CompTimezoneDaylight, "CEST", "19810329T020000", "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "+0100", "+0200"},
	} {
		c := ical.NewComponent(half.comp)
		for name, value := range map[string]string{ical.PropTimezoneName: half.name, ical.PropDateTimeStart: half.start, ical.PropRecurrenceRule: half.rule,
			ical.PropTimezoneOffsetFrom: half.from, ical.PropTimezoneOffsetTo: half.to} {
			p := ical.NewProp(name)
			p.Value = value
			c.Props.Set(p)
		}
		tz.Children = append(tz.Children, c)
	}
	return tz
}

// showCalendar gives the calendar file of a session to which the actor is invited.
func (s *Server) showCalendar(c *fiber.Ctx) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	ses, err := s.Meeting.Invited(work(c), actor(c), id)
	if err != nil {
		return err
	}
	file, err := calendarFile(ses, catalogueOf(c).text("session.kind."+string(ses.Kind)), s.address(c)+"/overleggen/"+id.String(), s.Now())
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "text/calendar; charset=utf-8")
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="overleg.ics"`)
	return c.Send(file)
}

// address is the one under which people open the pages.
func (s *Server) address(c *fiber.Ctx) string {
	if s.URL != "" {
		return s.URL
	}
	return c.BaseURL()
}

// mailSession sends those invited a note with the calendar file, and reports whether all
// of them got it.
func (s *Server) mailSession(c *fiber.Ctx, ses meeting.Session) bool {
	if s.Mail == nil {
		return false
	}
	list, err := s.Meeting.Addresses(work(c), actor(c), ses)
	if err == nil {
		err = s.sendSession(c, ses, list)
	}
	if err != nil {
		s.Logger.Error("invitations to a session were not sent", "error", err.Error())
	}
	return err == nil
}

func (s *Server) sendSession(c *fiber.Ctx, ses meeting.Session, to []string) error {
	t, err := s.Teams.Team(work(c), ses.Team)
	if err != nil {
		return err
	}
	nl := catalogues["nl"] // an e-mail has no reader yet who chose a language
	link := s.address(c) + "/overleggen/" + ses.ID.String()
	title := nl.text("session.kind." + string(ses.Kind))
	file, err := calendarFile(ses, title, link, s.Now())
	if err != nil {
		return err
	}
	d := dates{nl}
	when := d.weekday(ses.Starts) + " " + d.clock(ses.Starts) + "–" + d.clock(ses.Ends)
	failed := 0
	for _, address := range to {
		var serr error
		if ses.State == meeting.Off {
			serr = s.Mail.Off(work(c), address, t.School, title, when, file)
		} else {
			serr = s.Mail.Session(work(c), address, t.School, title, when, link, file)
		}
		if serr != nil {
			failed, err = failed+1, serr
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d: %w", failed, len(to), err)
	}
	return nil
}
