package dialect

import (
	"testing"

	"github.com/dwolla-go/dwolla-go/openapi/generate/tree"
)

func TestInlineObjectsGetTheNameOfTheirOwnerAndMember(t *testing.T) {
	root := parse(t, `
paths:
  /boats:
    post:
      operationId: createBoat
      requestBody: {content: {application/json: {schema: {properties: {name: {type: string}}}}}}
      responses:
        '200': {content: {application/json: {schema: {type: array, items: {type: string}}}}}
        '400': {content: {application/json: {schema: {properties: {}}}}}
components:
  schemas:
    Boat: {properties: {engine: {properties: {power: {}}}, sails: {items: {properties: {area: {}}}}, by: {additionalProperties: {properties: {x: {}}}}}}
`)
	schemas := root["components"].(tree.Object)["schemas"].(tree.Object)
	namer{schemas}.document(root)
	same(t, schemas, `
Boat: {properties: {engine: {$ref: '#/components/schemas/BoatEngine'}, sails: {items: {$ref: '#/components/schemas/BoatSail'}}, by: {additionalProperties: {$ref: '#/components/schemas/BoatBy'}}}}
BoatEngine: {properties: {power: {}}}
BoatSail: {properties: {area: {}}}
BoatBy: {properties: {x: {}}}
CreateBoatBody: {properties: {name: {type: string}}}
CreateBoatResponse: {type: array, items: {type: string}}
`)
}

func TestANameThatIsTakenGetsAnEnding(t *testing.T) {
	schemas := parse(t, `{Boat: {properties: {engine: {properties: {power: {}}}}}, BoatEngine: {type: string}}`)
	namer{schemas}.members("Boat", schemas["Boat"])
	if schemas["BoatEngineInline"] == nil {
		t.Errorf("got %v", schemas)
	}
}
