package kit

import (
	"cmp"
	_ "embed"
	"fmt"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

//go:embed axe.min.js
var axeJS string

func (p *Page) event(ev any) { // runs on the reader goroutine: it must not block or call
	p.mu.Lock()
	defer p.mu.Unlock()
	main := cdp.FrameID(chromedp.FromContext(p.ctx).Target.TargetID)
	add := func(f string, a ...any) { p.problems = append(p.problems, fmt.Sprintf(f, a...)) }
	switch e := ev.(type) {
	case *page.EventFrameNavigated:
		if e.Frame.ID == main {
			p.current = e.Frame.LoaderID
		}
	case *page.EventLifecycleEvent:
		if e.FrameID == main && e.Name == "load" {
			p.ready = e.LoaderID
		}
	case *network.EventResponseReceived:
		if e.FrameID == main && e.Type == network.ResourceTypeDocument {
			p.status = e.Response.Status
		}
	case *network.EventLoadingFailed:
		if !e.Canceled || e.BlockedReason != "" {
			add("network: %s %s %s", e.Type, e.ErrorText, e.BlockedReason)
		}
	case *log.EventEntryAdded: // CSP violations, HTTP status >= 400, failed loads
		if e.Entry.Level == log.EntryLevelError {
			add("log(%s): %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL)
		}
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeAssert {
			s := ""
			for _, a := range e.Args {
				s += " " + cmp.Or(string(a.Value), a.Description)
			}
			add("console.%s:%s", e.Type, s)
		}
	case *runtime.EventExceptionThrown:
		if x := e.ExceptionDetails.Exception; x != nil {
			add("exception: %s", cmp.Or(x.Description, string(x.Value)))
		} else {
			add("exception: %s", e.ExceptionDetails.Text)
		}
	}
}

// Problems returns and forgets what was collected, after one round trip to get what is under way.
func (p *Page) Problems() (s []string) {
	Eval[int](p, `() => 0`)
	p.mu.Lock()
	defer p.mu.Unlock()
	s, p.problems = p.problems, nil
	return s
}

type Violation struct {
	ID, Help string
	Nodes    []string
}

// Axe runs axe-core. It needs timers, so with NoJS scripts go on meanwhile (the page's own stay unrun).
func (p *Page) Axe() []Violation {
	if p.noJS {
		p.scripts(true)
		defer p.scripts(false)
	}
	Eval[bool](p, "() => { if (!window.axe) {"+axeJS+"\n} return true }")
	return Eval[[]Violation](p, `async () => (await axe.run(document, {resultTypes: ['violations'], runOnly: {type: 'tag',
		values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}})).violations.map(
		v => ({ID: v.id, Help: v.help, Nodes: v.nodes.map(n => n.target.join(' '))}))`)
}
