package export

import (
	"encoding/hex"
	"strings"

	"zat/audit"
)

// ldvWriter writes lines of Logboek Dataverwerkingen, after the interface of its component
// Logboek (https://logius-standaarden.github.io/logboek-dataverwerkingen/, working version of
// 2025). Its lines hold nothing of who acted; what they share with ours is the trace.
type ldvWriter struct{ jsonLines }

type ldvLine struct {
	TraceID    string        `json:"trace_id"`
	SpanID     string        `json:"span_id"`
	Status     string        `json:"status_code"`
	Name       string        `json:"name"`
	Start      int64         `json:"start_time"` // milliseconds since 1970
	End        int64         `json:"end_time"`
	Resource   ldvResource   `json:"resource"`
	Attributes ldvAttributes `json:"attributes"`
}

type ldvResource struct {
	Attributes map[string]string `json:"attributes"`
}

type ldvAttributes struct {
	Activity string `json:"dpl.core.processing_activity_id"`
}

// Write leaves out what is no processing: a line without an activity.
func (w ldvWriter) Write(r Row) error {
	if r.Processing == "" {
		return nil
	}
	trace, span := r.Trace, r.ID
	if trace == [16]byte{} { // of a version that had no traces yet
		trace = r.ID
	}
	return w.enc.Encode(ldvLine{TraceID: hex.EncodeToString(trace[:]), SpanID: hex.EncodeToString(span[:8]), Status: statusOf(r.Outcome), Name: string(r.Event), Start: r.At, End: r.At,
		Resource: ldvResource{map[string]string{"service.name": "zat", "service.version": r.System}}, Attributes: ldvAttributes{w.o.activity(r.Processing)}})
}

// statusOf is the standard's status: what was refused is no failure of the server.
func statusOf(o audit.Outcome) string {
	switch o {
	case audit.Success:
		return "STATUS_CODE_OK"
	case audit.Failed:
		return "STATUS_CODE_ERROR"
	}
	return "STATUS_CODE_UNSET"
}

// activity is the URI under which an activity and its version are described.
func (o Options) activity(processing string) string {
	if o.Base == "" {
		return "urn:zat:verwerking:" + processing
	}
	activity, version, _ := strings.Cut(processing, "/")
	return o.Base + "/logboek/verwerkingen?versie=" + version + "#" + activity
}
