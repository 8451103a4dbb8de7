package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The same API twice: structured as our contract, and as a published document.
const contract = `
openapi: 3.1.0
info: {title: Contract, version: "1"}
paths:
  /boats:
    get:
      parameters: [{name: limit, in: query, schema: {type: integer}}, {name: status, in: query, schema: {type: array, items: {$ref: '#/components/schemas/Status'}}}]
      responses:
        '200': {description: Boats, content: {application/hal+json: {schema: {$ref: '#/components/schemas/Boats'}}}}
        '401': {description: Who}
    post:
      parameters: [{name: Idempotency-Key, in: header, schema: {type: string}}]
      requestBody:
        content: {application/json: {schema: {oneOf: [{$ref: '#/components/schemas/Sail'}, {$ref: '#/components/schemas/Motor'}]}}}
      responses:
        '201': {description: There, headers: {Location: {schema: {type: string}}}}
        '400': {description: Bad}
  /boats/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    delete: {responses: {'204': {description: Gone}}}
  /boats/{id}/papers:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    post:
      requestBody:
        content: {multipart/form-data: {schema: {type: object, properties: {file: {type: string, format: binary}}}}}
      responses: {'201': {description: There}}
components:
  schemas:
    Status: {type: string, enum: [afloat, sunk]}
    Named: {type: object, required: [name], properties: {name: {type: string, maxLength: 50}, crew: {type: integer}}}
    Sail: {allOf: [{$ref: '#/components/schemas/Named'}, {type: object, required: [masts], properties: {kind: {const: sail}, masts: {type: integer}}}]}
    Motor: {allOf: [{$ref: '#/components/schemas/Named'}, {type: object, properties: {kind: {const: motor}, power: {type: number}}}]}
    Boat:
      type: object
      required: [id]
      properties:
        id: {type: string}
        status: {$ref: '#/components/schemas/Status'}
        insured: {type: boolean}
        notes: {type: object, additionalProperties: {type: string}}
        parent: {$ref: '#/components/schemas/Boat'}
        _links: {type: object, properties: {self: {type: object, required: [href], properties: {href: {type: string}, type: {type: string}}}}}
    Boats:
      type: object
      properties: {_embedded: {type: object, properties: {boats: {type: array, items: {$ref: '#/components/schemas/Boat'}}}}}
`

const published = `
openapi: 3.1.0
info: {title: Published, version: "7"}
paths:
  /boats:
    get:
      operationId: list
      parameters:
        - {name: Accept, in: header, schema: {type: string, enum: [application/hal+json]}}
        - {name: limit, in: query, schema: {type: number}}
        - {name: status, in: query, schema: {type: string, enum: [afloat, sunk]}}
      responses:
        '200':
          description: successful
          content:
            application/hal+json:
              schema:
                type: object
                properties:
                  _embedded:
                    type: object
                    properties:
                      boats:
                        type: array
                        items:
                          type: object
                          properties:
                            id: {type: string, example: b1}
                            status: {type: string, enum: [sunk, afloat]}
                            insured: {type: boolean}
                            notes: {type: object, properties: {color: {type: string}}}
                            parent: {type: object}
                            _links: {type: object, additionalProperties: {$ref: '#/components/schemas/HalLink'}}
    post:
      requestBody:
        content:
          application/vnd.boats+json:
            schema:
              type: object
              required: [name]
              properties:
                name: {type: string}
                kind: {type: string, enum: [sail, motor]}
                crew: {type: [integer, "null"]}
                masts: {anyOf: [{type: integer}, {type: "null"}]}
                power: {type: number, format: double}
      responses:
        '201': {description: created, headers: {location: {schema: {type: string, format: uri}}}}
        '400': {description: bad, content: {application/json: {schema: {type: object, properties: {code: {type: string}}}}}}
  /boats/{boatId}#scuttle:
    delete:
      parameters: [{name: boatId, in: path, required: true, schema: {type: string}}]
      responses: {'204': {description: gone}}
  /boats/{id}/papers:
    post:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      requestBody:
        content: {multipart/form-data: {schema: {type: object, properties: {file: {type: string}}}}}
      responses: {'201': {description: created}}
components:
  schemas:
    HalLink: {type: object, properties: {href: {type: string}}}
`

func TestFindings(t *testing.T) {
	tests := map[string]struct {
		replace     []string // pairs, in the published document
		differences string
		want        []string // the lines; none when there is nothing to do
	}{
		"another structure of the same facts is nothing to do": {},
		"a removed operation is found": {
			replace: []string{`    delete:
      parameters: [{name: boatId, in: path, required: true, schema: {type: string}}]
      responses: {'204': {description: gone}}`, "    {}"},
			want: []string{"DELETE /boats/{}", "- api path removed without deprecation"},
		},
		"a new operation is found": {
			replace: []string{"  /boats/{id}/papers:\n    post:", "  /harbours:\n    get: {responses: {'200': {description: all}}}\n  /boats/{id}/papers:\n    post:"},
			want:    []string{"GET /harbours", "- endpoint added"},
		},
		"an added optional field of a request is found": {
			replace: []string{"                crew: {type: [integer", "                color: {type: string}\n                crew: {type: [integer"},
			want:    []string{"POST /boats", "- added the new optional request property `color`"},
		},
		"an added required field of a request is found": {
			replace: []string{"required: [name]", "required: [name, color]", "                crew: {type: [integer", "                color: {type: string}\n                crew: {type: [integer"},
			want:    []string{"POST /boats", "- added the new required request property `color`"},
		},
		"a field that becomes required is found": {
			replace: []string{"required: [name]", "required: [name, crew]"},
			want:    []string{"POST /boats", "- the request property `crew` became required"},
		},
		"a field that the contract alone requires is no finding": {
			replace: []string{"              required: [name]\n", ""},
		},
		"an added field deep in an answer is found": {
			replace: []string{"insured: {type: boolean}", "insured: {type: boolean}\n                            flag: {type: object, properties: {color: {type: string}}}"},
			want:    []string{"GET /boats", "- added the optional property `_embedded/boats[]/flag` to the response with the `200` status"},
		},
		"a removed field of an answer is found": {
			replace: []string{"                            insured: {type: boolean}\n", ""},
			want:    []string{"GET /boats", "- removed the optional property `_embedded/boats[]/insured` from the response with the `200` status"},
		},
		"the loss of the only field is found": {
			replace: []string{"schema: {type: object, properties: {file: {type: string}}}", "schema: {type: object}"},
			want:    []string{"POST /boats/{}/papers", "- removed the request property `file`"},
		},
		"a new enum value is found": {
			replace: []string{"enum: [sail, motor]", "enum: [sail, motor, oar]"},
			want:    []string{"POST /boats", "- added the new `oar` enum value to the request property `kind`"},
		},
		"a removed enum value is found": {
			replace: []string{"enum: [sunk, afloat]", "enum: [afloat]"},
			want:    []string{"GET /boats", "- removed the `sunk` enum value from the `_embedded/boats[]/status` response property for the response status `200`"},
		},
		"a new enum value of a parameter is found": {
			replace: []string{"schema: {type: string, enum: [afloat, sunk]}", "schema: {type: string, enum: [afloat, docked, sunk]}"},
			want:    []string{"GET /boats", "- added the new enum value `docked` to the `query` request parameter `status`"},
		},
		"an enum that the published document leaves open is no finding": {
			replace: []string{"type: string, enum: [sunk, afloat]", "type: string"},
		},
		"a changed type is found": {
			replace: []string{"insured: {type: boolean}", "insured: {type: string}"},
			want:    []string{"GET /boats", "- the `_embedded/boats[]/insured` response's property `type` changed from `boolean` to `string` for status `200`"},
		},
		"a new parameter is found": {
			replace: []string{"        - {name: limit, in", "        - {name: search, in: query, schema: {type: string}}\n        - {name: limit, in"},
			want:    []string{"GET /boats", "- added the new optional `query` request parameter `search`"},
		},
		"a removed parameter is found": {
			replace: []string{"        - {name: limit, in: query, schema: {type: number}}\n", ""},
			want:    []string{"GET /boats", "- deleted the `query` request parameter `limit`"},
		},
		"a new status is found": {
			replace: []string{"        '400': {description: bad,", "        '422': {description: odd}\n        '400': {description: bad,"},
			want:    []string{"POST /boats", "- added the non-success response with the status `422`"},
		},
		"an error that only the contract lists is no finding": {
			replace: []string{"        '400': {description: bad, content: {application/json: {schema: {type: object, properties: {code: {type: string}}}}}}\n", ""},
		},
		"a deprecated operation is found": {
			replace: []string{"      operationId: list", "      deprecated: true"},
			want:    []string{"GET /boats", "- endpoint deprecated"},
		},
		"a reviewed difference of ours is no finding": {
			replace:     []string{"                            insured: {type: boolean}\n", ""},
			differences: "ours GET * | 200 _embedded/boats[]/insured # known\n",
		},
		"a reviewed difference of theirs is no finding": {
			replace:     []string{"enum: [sail, motor]", "enum: [sail, motor, oar]", "required: [name]", "required: [name, crew]", "insured: {type: boolean}", "insured: {type: string}"},
			differences: "# Ours is right.\ntheirs POST /boats | body kind = oar\ntheirs POST /boats | body crew required\ntheirs *insured type\n",
		},
		"a reviewed operation is no finding": {
			replace:     []string{"  /boats/{id}/papers:\n    post:", "  /harbours:\n    get: {responses: {'200': {description: all}}}\n  /boats/{id}/papers:\n    post:"},
			differences: "theirs GET /harbours\n",
		},
		"several changes are each found once": {
			replace: []string{"insured: {type: boolean}", "insured: {type: string}", "enum: [sail, motor]", "enum: [motor, oar]"},
			want: []string{
				"GET /boats",
				"- the `_embedded/boats[]/insured` response's property `type` changed from `boolean` to `string` for status `200`",
				"POST /boats",
				"- added the new `oar` enum value to the request property `kind`",
				"- removed the enum value `sail` of the request property `kind`",
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, code := specdiff(t, edited(t, published, tt.replace), tt.differences)
			if !slices.Equal(got, tt.want) {
				t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(tt.want, "\n\t"))
			}
			if want := min(len(tt.want), 1); code != want {
				t.Errorf("exit code %d, want %d", code, want)
			}
		})
	}
}

// edited returns text with parts replaced, each of which must exist.
func edited(t *testing.T, text string, pairs []string) string {
	t.Helper()
	for pair := range slices.Chunk(pairs, 2) {
		if !strings.Contains(text, pair[0]) {
			t.Fatalf("nothing to replace: %s", pair[0])
		}
		text = strings.Replace(text, pair[0], pair[1], 1)
	}
	return text
}

// specdiff runs the program and returns the findings and the exit code.
func specdiff(t *testing.T, document, differences string) ([]string, int) {
	t.Helper()
	dir := t.TempDir()
	var stdout, stderr strings.Builder
	code := run(t.Context(), []string{
		"-contract", file(t, dir, "contract.yaml", contract),
		"-differences", file(t, dir, "differences.txt", differences),
		file(t, dir, "published.yaml", document),
	}, &stdout, &stderr)
	if stderr.Len() > 0 {
		t.Error(stderr.String())
	}
	if code == exitSame {
		return nil, code
	}
	var lines []string
	for line := range strings.Lines(stdout.String()) {
		if strings.TrimSpace(line) == "" {
			break // the summary
		}
		lines = append(lines, strings.TrimSpace(line))
	}
	return lines, code
}

func file(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestUnreadableInput(t *testing.T) {
	dir := t.TempDir()
	good := file(t, dir, "contract.yaml", contract)
	tests := map[string][]string{
		"no document":                      {"-contract", good},
		"a flag that does not exist":       {"-what", good},
		"a document that is not there":     {"-contract", good, filepath.Join(dir, "none.yaml")},
		"a document that is not YAML":      {"-contract", good, file(t, dir, "broken.yaml", "a: [")},
		"a document of another kind":       {"-contract", good, file(t, dir, "other.yaml", "a: b")},
		"a contract that is not there":     {"-contract", filepath.Join(dir, "none.yaml"), good},
		"a list that is not there":         {"-contract", good, "-differences", filepath.Join(dir, "none.txt"), good},
		"a list with a line without sense": {"-contract", good, "-differences", file(t, dir, "odd.txt", "maybe GET /boats"), good},
	}
	for name, args := range tests {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr strings.Builder
			if code := run(t.Context(), args, &stdout, &stderr); code != exitUnreadable || stderr.Len() == 0 || stdout.Len() > 0 {
				t.Errorf("exit code %d, stdout %q, stderr %q", code, &stdout, &stderr)
			}
		})
	}
}

func TestContractEqualsItself(t *testing.T) {
	found, err := compare(t.Context(), "../dwolla.yaml", "../dwolla.yaml", "")
	if err != nil || len(found) > 0 {
		t.Errorf("%v, %v", found, err)
	}
}

// TestPublished compares the contract with the newest document in the folder that DWOLLA_SPECS names.
func TestPublished(t *testing.T) {
	folder := os.Getenv("DWOLLA_SPECS")
	if folder == "" {
		t.Skip("DWOLLA_SPECS names no folder with published documents")
	}
	specs, err := filepath.Glob(filepath.Join(folder, "*.y*ml"))
	if err != nil || len(specs) == 0 {
		t.Fatalf("no documents in %s: %v", folder, err)
	}
	found, err := compare(t.Context(), "../dwolla.yaml", slices.Max(specs), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		t.Errorf("%s: %s", f.operation, f.text)
	}
}
