// Package kit drives a headless Chromium for tests: real clicks and keys, errors
// of the console collected, axe-core run from outside the page, since the CSP
// lets no foreign script in. A Page is used on its test's goroutine only: every
// failure ends the test.
package kit

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	goruntime "runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Timeout bounds every single step of a Page.
var Timeout = 10 * time.Second

type Browser struct {
	ctx   context.Context
	Close func() // ends the process and removes its profile
}

// Start runs Chromium. Without UserDataDir chromedp makes a fresh profile and removes it on Close.
func Start(exe string) (*Browser, error) {
	opts := []chromedp.ExecAllocatorOption{chromedp.ExecPath(exe)}
	for _, f := range strings.Fields("headless no-sandbox disable-gpu disable-quic no-first-run disable-background-networking disable-component-update disable-sync disable-dev-shm-usage") {
		opts = append(opts, chromedp.Flag(f, true))
	}
	actx, acancel := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, cancel := chromedp.NewContext(actx)
	b := &Browser{ctx, func() { cancel(); acancel() }}
	err := chromedp.Do(ctx) // no timeout: this context owns the process
	if err != nil {
		b.Close()
	}
	return b, err
}

// Page is one tab in its own browser context, so with its own cookies.
type Page struct {
	tb             testing.TB
	ctx            context.Context
	noJS           bool
	mu             sync.Mutex
	current, ready cdp.LoaderID // the committed document; the one that fired load
	status         int64
	problems       []string
}

// Page opens a page of 1280x800 that closes with the test.
func (b *Browser) Page(tb testing.TB) *Page {
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	tb.Cleanup(cancel)
	p := &Page{tb: tb, ctx: ctx}
	p.ok(chromedp.Do(ctx), "open page") // no timeout: this context owns the tab
	p.ok(chromedp.Listen(ctx, p.event), "listen")
	call(p, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	p.Desktop()
	return p
}

func (p *Page) ok(err error, what string, a ...any) { // names the line outside this file
	for i := 1; err != nil; i++ {
		if _, f, n, ok := goruntime.Caller(i); !ok || !strings.HasPrefix(filepath.Base(f), "kit") || strings.HasSuffix(f, "_test.go") {
			p.tb.Fatalf("%s:%d: browser: %s: %v", filepath.Base(f), n, fmt.Sprintf(what, a...), err)
		}
	}
}
func (p *Page) must(yes bool, what string, a ...any) {
	if !yes {
		p.ok(fmt.Errorf("failed"), what, a...)
	}
}
func call[P, R any](p *Page, cmd cdp.Command[P, R], params P) R {
	ctx, cancel := context.WithTimeout(p.ctx, Timeout)
	defer cancel()
	r, err := chromedp.Call(ctx, cmd, params)
	p.ok(err, "%s", cmd.Method)
	return r
}
func try[T any](p *Page, fn string, args ...any) (T, error) {
	ctx, cancel := context.WithTimeout(p.ctx, Timeout)
	defer cancel()
	js, _ := json.Marshal(append([]any{}, args...)) // a nil slice would be null
	return chromedp.Run(ctx, chromedp.Evaluate[T](fmt.Sprintf("(%s)(...%s)", fn, js), chromedp.EvalAwaitPromise))
}

// Eval calls the JavaScript function fn with args. It works with NoJS too (but timers never fire then).
func Eval[T any](p *Page, fn string, args ...any) T {
	v, err := try[T](p, fn, args...)
	p.ok(err, "eval %.200s %q", fn, args)
	return v
}
func (p *Page) poll(what string, f func() (bool, error)) {
	for end := time.Now().Add(Timeout); ; time.Sleep(10 * time.Millisecond) {
		done, err := f() // an error can come from a document that is going away
		if done && err == nil {
			return
		}
		p.must(time.Now().Before(end), "timeout: %s: %v", what, err)
	}
}
func (p *Page) Desktop() { p.Viewport(1280, 800, false) }
func (p *Page) Mobile()  { p.Viewport(390, 844, true) }
func (p *Page) Viewport(w, h int64, mobile bool) {
	call(p, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: w, Height: h, DeviceScaleFactor: 1, Mobile: mobile})
}
func (p *Page) NoJS() { p.noJS = true; p.scripts(false) } // before Goto
func (p *Page) scripts(on bool) {
	call(p, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on})
}

// Nav runs act, which must load a new document, and waits for that document's load event.
func (p *Page) Nav(act func()) {
	loaders := func() (cdp.LoaderID, cdp.LoaderID) { p.mu.Lock(); defer p.mu.Unlock(); return p.current, p.ready }
	old, _ := loaders()
	act()
	p.poll("navigation", func() (bool, error) { c, r := loaders(); return c != old && c == r, nil })
}
func (p *Page) Goto(url string) {
	p.Nav(func() {
		r := call(p, page.Navigate, page.NavigateParams{URL: url})
		p.must(r.ErrorText == "", "goto %s: %s", url, r.ErrorText)
	})
}
func (p *Page) ClickNav(css string)     { p.Nav(func() { p.Click(css) }) }
func (p *Page) Status() int64           { p.mu.Lock(); defer p.mu.Unlock(); return p.status }
func (p *Page) URL() string             { return Eval[string](p, `() => location.href`) }
func (p *Page) Text(css string) string  { return p.prop(css, "innerText") }
func (p *Page) Value(css string) string { return p.prop(css, "value") }
func (p *Page) Exists(css string) bool  { return Eval[bool](p, `s => !!document.querySelector(s)`, css) }
func (p *Page) prop(css, name string) string {
	return Eval[string](p, `(s, n) => { const e = document.querySelector(s); if (!e) throw Error('no ' + s); return String(e[n]) }`, css, name)
}
func (p *Page) WaitFor(css string) { // in the document and rendered
	p.poll("wait for "+css, func() (bool, error) {
		return try[bool](p, `s => !!document.querySelector(s)?.getClientRects().length`, css)
	})
}
func (p *Page) Click(css string) { p.click(css, `s => document.querySelector(s)`) }
func (p *Page) click(css, find string) {
	o := call(p, runtime.Evaluate, runtime.EvaluateParams{Expression: fmt.Sprintf("(%s)(%q)", find, css)}).Result
	p.must(o.ObjectID != "" && o.Subtype == "node", "click: no element %s", css)
	call(p, dom.ScrollIntoViewIfNeeded, dom.ScrollIntoViewIfNeededParams{ObjectID: o.ObjectID})
	var x, y float64
	p.poll("click "+css+": hidden, moving or covered", func() (bool, error) {
		q := call(p, dom.GetContentQuads, dom.GetContentQuadsParams{ObjectID: o.ObjectID}).Quads // one for each line
		lx, ly := x, y
		if len(q) > 0 {
			x, y = (q[0][0]+q[0][4])/2, (q[0][1]+q[0][5])/2
		}
		hit, err := try[bool](p, `(s, x, y) => { const e = (`+find+`)(s), h = document.elementFromPoint(x, y);
			return !!h && (e.contains(h) || e.control === h || h.closest('label')?.control === e) }`, css, x, y)
		return len(q) > 0 && x == lx && y == ly && hit, err
	})
	call(p, input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: chromedp.MouseMoved, X: x, Y: y})
	for _, t := range []input.DispatchMouseEventType{chromedp.MousePressed, chromedp.MouseReleased} {
		call(p, input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: t, X: x, Y: y, Button: input.MouseButtonLeft, ClickCount: 1})
	}
}

// Check clicks the label of a radio or checkbox unless it is checked already.
func (p *Page) Check(css string) {
	if p.prop(css, "checked") == "false" {
		p.click(css, `s => document.querySelector(s)?.labels[0]`)
	}
	p.must(p.prop(css, "checked") == "true", "check %s", css)
}

// Press sends key events for each rune, such as kb.Enter or "abc".
func (p *Page) Press(keys string) {
	ctx, cancel := context.WithTimeout(p.ctx, Timeout)
	defer cancel()
	p.ok(chromedp.Do(ctx, chromedp.KeyEvent(keys)), "keys %q", keys)
}

// Type clicks the field and replaces its value with key events.
func (p *Page) Type(css, text string) {
	p.Click(css)
	p.must(Eval[bool](p, `s => document.activeElement === document.querySelector(s)`, css), "focus %s", css)
	p.TypeHere(text)
}

// TypeHere replaces the value of the field that has the focus.
func (p *Page) TypeHere(text string) {
	call(p, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: kb.KeyRawDown, Key: "a", Code: "KeyA", WindowsVirtualKeyCode: 65, Modifiers: int64(kb.ModifierCtrl), Commands: []string{"selectAll"}})
	call(p, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: kb.KeyUp, Key: "a", Code: "KeyA", WindowsVirtualKeyCode: 65, Modifiers: int64(kb.ModifierCtrl)})
	p.Press(kb.Backspace + text)
}

// Select picks the option with this value by the arrow keys, as a user does.
func (p *Page) Select(css, value string) {
	n := Eval[int](p, `(s, v) => { const e = document.querySelector(s), o = [...e.options].filter(o => !o.disabled); e.focus();
		return o.findIndex(o => o.value === v) - o.indexOf(e.selectedOptions[0]) }`, css, value)
	p.Press(strings.Repeat(kb.ArrowDown, max(n, 0)) + strings.Repeat(kb.ArrowUp, max(-n, 0)))
	p.must(p.Value(css) == value, "select %s of %s", value, css)
}

// Screenshot writes a PNG of the viewport or of the full page.
func (p *Page) Screenshot(path string, full bool) {
	o := page.CaptureScreenshotParams{CaptureBeyondViewport: &full}
	if full {
		s := call(p, page.GetLayoutMetrics, cdp.Empty{}).CSSContentSize
		o.Clip = &page.Viewport{Width: s.Width, Height: s.Height, Scale: 1}
	}
	p.ok(os.WriteFile(path, call(p, page.CaptureScreenshot, o).Data, 0o644), "screenshot")
}

// Offline cuts the page off from the network, or lets it on again.
func (p *Page) Offline(off bool) {
	call(p, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: []*network.Conditions{{DownloadThroughput: -1, UploadThroughput: -1, Offline: off}}})
	call(p, network.OverrideNetworkState, network.OverrideNetworkStateParams{Offline: off, DownloadThroughput: -1, UploadThroughput: -1})
}

// WaitText waits until an element's text holds these words.
func (p *Page) WaitText(css, words string) {
	p.poll("wait for "+words+" in "+css, func() (bool, error) {
		return try[bool](p, `(s, w) => !!document.querySelector(s)?.innerText.includes(w)`, css, words)
	})
}

// Gone waits until nothing fits any more.
func (p *Page) Gone(css string) {
	p.poll("wait for the end of "+css, func() (bool, error) { return try[bool](p, `s => !document.querySelector(s)`, css) })
}

// TabTo moves the focus by the Tab key until an element that fits has it.
func (p *Page) TabTo(css string) {
	for range 200 {
		if Eval[bool](p, `s => document.activeElement.matches(s)`, css) {
			p.must(Eval[bool](p, `() => { const r = document.activeElement.getBoundingClientRect(); return r.width > 0 && r.bottom > 0 && r.top < innerHeight }`), "the focus on %s is out of sight", css)
			return
		}
		p.Press(kb.Tab)
	}
	p.must(false, "Tab does not come to %s", css)
}

// Enter presses Enter on what TabTo comes to, which loads a page.
func (p *Page) Enter(css string) {
	p.TabTo(css)
	p.Nav(func() { p.Press(kb.Enter) })
}

// Unfold opens the closed details in which an element stands, if it does.
func (p *Page) Unfold(css string) {
	if Eval[bool](p, `s => { const d = document.querySelector(s)?.closest("details:not([open])"); if (d) d.dataset.unfold = ""; return !!d }`, css) {
		p.Click("[data-unfold] > summary")
	}
}

// PDF prints the page as a browser does, A4, and returns the file.
func (p *Page) PDF() []byte {
	css := true
	return call(p, page.PrintToPDF, page.PrintToPDFParams{PreferCSSPageSize: &css}).Data
}
