package payout

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// The records that programs have on disk.
const (
	recordedBatch = `{"id":"payroll","plan":{"source":"https://api.dwolla.com/funding-sources/1","deferred":true,"chunkRows":2},"state":"ready",
"created":"2026-11-27T10:00:00Z","rows":3,"cents":600,"chunks":2,"digest":"d","decision":"approved","paused":true,
"history":[{"what":"approved","by":"Ada","why":"checked","at":"2026-11-27T11:00:00Z"}],"preparation":"token","retryOf":"older","retries":["newer"]}`
	recordedChunk = `{"number":2,"rows":2,"cents":400,"digest":"d","correlationId":"payroll-00002","cut":{"rows":1,"cents":100,"digest":"c","refused":[1]},
"key":"k","generation":1,"state":"held","due":"2026-11-27T12:00:00Z","firstSent":"2026-11-27T10:01:00Z","sends":2,"bodySha256":"b",
"emptyLooks":3,"firstLook":"2026-11-27T10:02:00Z","excluded":["x"],"massPayment":"m","status":"pending","polls":4,"adopted":true,"candidates":["y"],
"finished":"2026-11-27T13:00:00Z","totals":{"failed":{"rows":1,"cents":300}},"hold":{"reason":"ambiguous","since":"2026-11-27T10:03:00Z","candidates":["z"]},
"superseded":[{"key":"o","firstSent":"2026-11-26T10:00:00Z","sends":5,"by":"Ada","at":"2026-11-27T09:00:00Z"}],"lastError":"e","failures":6}`
)

func TestABatchIsReadFromARecordOfAnEarlierRun(t *testing.T) {
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 11, day, hour, minute, 0, 0, time.UTC) }
	batch := Batch{
		ID: "payroll", Plan: Plan{Source: "https://api.dwolla.com/funding-sources/1", Deferred: true, ChunkRows: 2}, State: BatchReady,
		Created: at(27, 10, 0), Tally: Tally{3, 600}, Chunks: 2, Digest: "d", Decision: DecisionApproved, Paused: true,
		History:     []Decided{{What: "approved", By: "Ada", Why: "checked", At: at(27, 11, 0)}},
		Preparation: "token", RetryOf: "older", Retries: []string{"newer"},
	}
	chunk := Chunk{
		Number: 2, Tally: Tally{2, 400}, Digest: "d", CorrelationID: "payroll-00002", Cut: &Cut{Tally{1, 100}, "c", []int{1}},
		Key: "k", Generation: 1, State: StateHeld, Due: at(27, 12, 0), FirstSent: at(27, 10, 1), Sends: 2, BodySHA256: "b",
		EmptyLooks: 3, FirstLook: at(27, 10, 2), Excluded: []string{"x"}, MassPayment: "m", Status: dwolla.MassPaymentStatusPending, Polls: 4,
		Adopted: true, Candidates: []string{"y"}, Finished: at(27, 13, 0), Totals: Totals{Failed: Tally{1, 300}},
		Hold:       &Hold{HoldAmbiguous, at(27, 10, 3), []string{"z"}},
		Superseded: []Superseded{{"o", at(26, 10, 0), 5, "Ada", at(27, 9, 0)}}, LastError: "e", Failures: 6,
	}
	sameAsOnRecord(t, recordedBatch, batch)
	sameAsOnRecord(t, recordedChunk, chunk)
}

// sameAsOnRecord compares a value with its text, and its text with what is written of it.
func sameAsOnRecord[T any](t *testing.T, text string, want T) {
	t.Helper()
	var read T
	if err := json.Unmarshal([]byte(text), &read); err != nil || !reflect.DeepEqual(read, want) {
		t.Errorf("read: %+v\nwant: %+v\n%v", read, want, err)
	}
	v := reflect.ValueOf(want)
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			t.Errorf("%T.%s is not on the record of the test", want, v.Type().Field(i).Name)
		}
	}
	written, err := json.Marshal(want)
	var a, b any
	if err != nil || json.Unmarshal(written, &a) != nil || json.Unmarshal([]byte(text), &b) != nil || !reflect.DeepEqual(a, b) {
		t.Errorf("written: %s\nwant: %s\n%v", written, text, err)
	}
}
