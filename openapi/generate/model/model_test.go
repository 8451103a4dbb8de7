package model

import (
	"fmt"
	"os"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"

	"github.com/dwolla-go/dwolla-go/internal/leak"
	"github.com/dwolla-go/dwolla-go/openapi/generate/tree"
)

// cfg is the configuration of oapi-codegen, which names things by it.
var cfg codegen.Configuration

func TestMain(m *testing.M) {
	var err error
	if cfg, err = Configure("../../oapi-codegen.yaml"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(leak.Run(m))
}

// boats is a document with something of each kind, in the form that package dialect gives.
const boats = `
openapi: 3.1.0
info: {title: Boats, version: '1'}
tags: [{name: boats, description: Things that float.}]
paths:
  /boats:
    get:
      operationId: listBoats
      tags: [boats]
      summary: List boats.
      x-list-limit: 500
      parameters:
        - {name: limit, in: query, schema: {type: integer, maximum: 50}}
        - {name: offset, in: query, schema: {type: integer}}
        - {name: kind, in: query, schema: {type: array, items: {$ref: '#/components/schemas/Kind'}}}
        - {name: afloat, in: query, schema: {type: boolean, x-go-type-skip-optional-pointer: false}}
      responses: {'200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/BoatPage'}}}}}
    post:
      operationId: createBoat
      tags: [boats]
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Boat'}}}}
      responses: {'201': {description: ok, headers: {Location: {schema: {type: string}}}}}
  /boats/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      operationId: getBoat
      tags: [boats]
      responses: {'200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Boat'}}}}}
    post:
      operationId: changeBoat
      tags: [boats]
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Change'}}}}
      responses: {'200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Names'}}}}}
    delete:
      operationId: sinkBoat
      tags: [boats]
      security: []
      x-go-slow: true
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Sink'}}}}
      responses: {'204': {description: ok}}
  /papers:
    post:
      operationId: createPaper
      tags: [boats]
      requestBody: {content: {multipart/form-data: {schema: {$ref: '#/components/schemas/Paper'}}}}
      responses: {'200': {description: ok}}
components:
  schemas:
    Kind: {type: string, enum: [sail, oar]}
    Names: {type: array, items: {type: string}}
    Money: {type: object, x-go-type: api.Money}
    Boat:
      description: A boat.
      required: [masts, afloat]
      properties:
        id: {type: string, description: Its id.}
        afloat: {type: boolean}
        aliases: {$ref: '#/components/schemas/Names'}
        built: {type: string, format: date}
        engine: {$ref: '#/components/schemas/Engine'}
        home: {type: object, x-go-type: 'api.Link[Harbour]'}
        kind: {$ref: '#/components/schemas/Kind'}
        masts: {type: integer}
        price: {$ref: '#/components/schemas/Money'}
        previous: {allOf: [{$ref: '#/components/schemas/Engine'}], x-go-type-skip-optional-pointer: false}
        weight: {type: number}
    Engine: {properties: {power: {type: string}, maker: {type: string, deprecated: true, x-deprecated-reason: ask the harbour}}}
    Harbour: {properties: {id: {type: string}}}
    BoatPage: {properties: {_links: {x-go-name: Links, allOf: [{$ref: '#/components/schemas/PageLinks'}]}, _embedded: {x-go-name: Embedded, allOf: [{$ref: '#/components/schemas/BoatPageEmbedded'}]}, total: {type: integer}}}
    PageLinks: {properties: {next: {type: object, x-go-type: 'api.Link[BoatPage]'}}}
    BoatPageEmbedded: {properties: {boats: {type: array, items: {$ref: '#/components/schemas/Boat'}}}}
    Change: {x-go-sealed: true, oneOf: [{$ref: '#/components/schemas/Rename'}, {$ref: '#/components/schemas/Engine'}]}
    Rename: {properties: {name: {type: string}}}
    Answer: {oneOf: [{$ref: '#/components/schemas/Rename'}, {$ref: '#/components/schemas/Engine'}]}
    Sink: {required: [sunk], properties: {sunk: {type: boolean, x-go-constant: true}}}
    Paper: {required: [file], properties: {file: {type: string, format: binary}, kind: {$ref: '#/components/schemas/Kind'}, pages: {type: integer}, version: {type: string, x-go-constant: two}}}
    Fleet: {properties: {items: {type: array, maxItems: 5000, items: {$ref: '#/components/schemas/Item'}}}}
    Item: {properties: {name: {type: string}, price: {$ref: '#/components/schemas/Money'}, engine: {$ref: '#/components/schemas/Engine'}, home: {$ref: '#/components/schemas/Home'}}}
    Home: {properties: {harbour: {type: object, x-go-type: 'api.Link[Harbour]'}}}
`

func clientOf(t *testing.T, text string, opts Options) (*Client, error) {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return New(doc, tree.Object{}, cfg, opts)
}

func client(t *testing.T) *Client {
	t.Helper()
	c, err := clientOf(t, boats, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// operationOf is a method of the only service.
func operationOf(t *testing.T, c *Client, name string) *Operation {
	t.Helper()
	for _, op := range c.Services[0].Operations {
		if op.Name == name {
			return op
		}
	}
	t.Fatalf("no method %s", name)
	return nil
}

func TestAClientHasTheServicesAndTypesOfItsDocument(t *testing.T) {
	c := client(t)
	if len(c.Services) != 1 || c.Services[0].Type != "BoatsService" || c.Services[0].Description != "Things that float." {
		t.Errorf("the services are %+v", c.Services)
	}
	if sorted := c.Sorted(); len(sorted) != len(c.Types) || sorted[0].Name != "Answer" {
		t.Errorf("the first of %d types is %s", len(sorted), sorted[0].Name)
	}
	if got := c.SchemaOf("BoatPage"); got != "BoatPage" {
		t.Errorf("the schema of a page is %q", got)
	}
}
