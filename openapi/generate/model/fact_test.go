package model

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/openapi/generate/dialect"
)

// document is a small document with every kind of fact.
const document = `
openapi: 3.1.0
info: {title: T, version: '1'}
paths:
  /boats:
    post:
      operationId: createBoat
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/CreateBoat'}}}}
      responses:
        '201': {description: There}
        '400': {description: Bad, content: {application/json: {schema: {$ref: '#/components/schemas/Error'}}}}
  /boats/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      operationId: getBoat
      responses: {'200': {description: A boat, content: {application/json: {schema: {$ref: '#/components/schemas/Boat'}}}}}
  /boats/{id}/crew:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      operationId: getCrew
      responses: {'200': {description: A crew, content: {application/json: {schema: {$ref: '#/components/schemas/Crew'}}}}}
  /ships/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      operationId: getShip
      responses: {'200': {description: A ship, content: {application/json: {schema: {$ref: '#/components/schemas/Ship'}}}}}
  /wrecks/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      operationId: getWreck
      responses: {'200': {description: A ship, content: {application/json: {schema: {$ref: '#/components/schemas/Ship'}}}}}
components:
  schemas:
    Error:
      type: object
      properties:
        code:
          type: string
          x-error-codes:
            NotFound: no such boat
            sunk_boat: it sank
    Boat:
      type: object
      properties:
        status: {$ref: '#/components/schemas/BoatStatus'}
        owner: {type: object, properties: {ssn: {type: string, x-personal: true}, rank: {type: string}}}
    BoatStatus: {type: string, enum: [afloat, ashore, sunk], x-final: [sunk, ashore]}
    Crew: {type: object, properties: {size: {type: integer}}}
    Ship: {type: object, properties: {name: {type: string, x-personal: true}}}
    CreateBoat:
      type: object
      properties:
        correlationId: {type: string}
        masts: {type: array, items: {type: string}, maxItems: 3, x-go-const: {maxItems: MaxMasts is how many masts there can be.}}
        lease: {type: string, x-hours: 48h, x-go-const: {x-hours: Lease is how long it is rented.}}
`

// factsOf are the facts of a document as the generator reads it.
func factsOf(t *testing.T, text string) (Facts, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "boats.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := Configure("../../oapi-codegen.yaml")
	if err != nil {
		t.Fatal(err)
	}
	doc, source, err := dialect.Read(path) // which names things by the configuration
	if err != nil {
		t.Fatal(err)
	}
	c, err := New(doc, source, cfg, Options{})
	if err != nil {
		return Facts{}, err
	}
	return c.Facts, nil
}

func TestTheFactsOfADocument(t *testing.T) {
	got, err := factsOf(t, document)
	if err != nil {
		t.Fatal(err)
	}
	want := Facts{
		Codes: []Constant{
			{Name: "CodeNotFound", Value: `"NotFound"`, Doc: "no such boat"},
			{Name: "CodeSunkBoat", Value: `"sunk_boat"`, Doc: "it sank"},
		},
		Limits: []Constant{
			{Name: "Lease", Value: "48 * time.Hour", Doc: "Lease is how long it is rented.", Import: "time"},
			{Name: "MaxMasts", Value: "3", Doc: "MaxMasts is how many masts there can be."},
		},
		Personal:       []string{"name", "ssn"},
		Final:          []Final{{"BoatStatus", []string{"BoatStatusSunk", "BoatStatusAshore"}}},
		Collections:    []Collection{{"Boat", "boats"}}, // a ship is in two
		CorrelationIDs: []CorrelationID{{"CreateBoat", "CorrelationID"}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
}

func TestANewCodeAndANewPersonalMemberAreFactsAtOnce(t *testing.T) {
	text := strings.Replace(document, "sunk_boat: it sank", "sunk_boat: it sank\n            NoWind: wait", 1)
	got, err := factsOf(t, strings.Replace(text, "rank: {type: string}", "rank: {type: string, x-personal: true}", 1))
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Codes) != 3 || got.Codes[0] != (Constant{Name: "CodeNoWind", Value: `"NoWind"`, Doc: "wait"}) {
		t.Errorf("the codes are %+v", got.Codes)
	}
	if !reflect.DeepEqual(got.Personal, []string{"name", "rank", "ssn"}) {
		t.Errorf("the personal members are %v", got.Personal)
	}
}

func TestFactsThatContradictTheDocumentAreErrors(t *testing.T) {
	for name, tt := range map[string]struct{ old, by, want string }{
		"a final status that is none": {"x-final: [sunk,", "x-final: [gone,", "BoatStatus: x-final has gone, which the enumeration has not"},
		"two codes of one name":       {"NotFound:", "SunkBoat:", `CodeSunkBoat is the name of both "SunkBoat" and "sunk_boat"`},
		"a limit that is not there":   {"maxItems: 3, ", "", "MaxMasts: there is no maxItems to give a name to"},
		"a time that is none":         {"x-hours: 48h", "x-hours: long", `Lease: "long" is not a number of hours`},
		"a part of an hour":           {"x-hours: 48h", "x-hours: 90m", `Lease: "90m" is not a number of hours`},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(document, tt.old, tt.by, 1)
			if _, err := factsOf(t, text); err == nil || err.Error() != tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}
