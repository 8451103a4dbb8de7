package dwolla

import (
	"bytes"
	"encoding/gob"
	"reflect"
	"testing"
)

func TestFault342_GobDecodingIntoAUsedModelReplacesIt(t *testing.T) {
	var stored bytes.Buffer
	want := Transfer{ID: "b"}
	if err := gob.NewEncoder(&stored).Encode(want); err != nil {
		t.Fatal(err)
	}
	used := Transfer{ID: "a", CorrelationID: "of another", Status: TransferStatusFailed}
	if err := gob.NewDecoder(&stored).Decode(&used); err != nil || !reflect.DeepEqual(used, want) {
		t.Errorf("%s %s: %v", used.CorrelationID, used.Status, err)
	}
}
