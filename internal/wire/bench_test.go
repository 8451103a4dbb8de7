package wire_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"

	"github.com/dwolla-go/dwolla-go/internal/wire"
)

// The types of a page of mass payment items, for both codecs: encoding/json reads the tags, wire goes by the tables, which
// are as the generator writes them. Links and amounts have methods of their own, as those of package api.
type (
	benchPage struct {
		Links    benchPageLinks `json:"_links"`
		Embedded benchEmbedded  `json:"_embedded"`
		Total    int            `json:"total"`
		Extra    wire.Members   `json:"-"`
	}
	benchPageLinks struct {
		Self  benchLink    `json:"self"`
		First benchLink    `json:"first"`
		Last  benchLink    `json:"last"`
		Next  benchLink    `json:"next"`
		Extra wire.Members `json:"-"`
	}
	benchEmbedded struct {
		Items []benchItem  `json:"items"`
		Extra wire.Members `json:"-"`
	}
	benchItem struct {
		ID            string            `json:"id"`
		Status        string            `json:"status"`
		Amount        benchMoney        `json:"amount"`
		Metadata      map[string]string `json:"metadata"`
		CorrelationID string            `json:"correlationId"`
		Links         benchItemLinks    `json:"_links"`
		Extra         wire.Members      `json:"-"`
	}
	benchItemLinks struct {
		Self        benchLink    `json:"self"`
		MassPayment benchLink    `json:"mass-payment"`
		Destination benchLink    `json:"destination"`
		Transfer    benchLink    `json:"transfer"`
		Extra       wire.Members `json:"-"`
	}
	benchLink struct {
		Href         string       `json:"href"`
		Type         string       `json:"type"`
		ResourceType string       `json:"resource-type"`
		Extra        wire.Members `json:"-"`
	}
	benchMoney struct {
		Value    string       `json:"value"`
		Currency string       `json:"currency"`
		Extra    wire.Members `json:"-"`
	}
)

var (
	benchPageTable = wire.Table{Fields: []wire.Field{
		{Key: `"_links":`, Kind: wire.Nested},
		{Key: `"_embedded":`, Kind: wire.Nested},
		{Key: `"total":`, Kind: wire.Int},
	}}
	benchPageLinksTable = wire.Table{Fields: []wire.Field{
		{Key: `"self":`, Kind: wire.Custom},
		{Key: `"first":`, Kind: wire.Custom},
		{Key: `"last":`, Kind: wire.Custom},
		{Key: `"next":`, Kind: wire.Custom},
	}}
	benchEmbeddedTable = wire.Table{Fields: []wire.Field{
		{Key: `"items":`, Kind: wire.Array, Elem: wire.Nested},
	}}
	benchItemTable = wire.Table{Fields: []wire.Field{
		{Key: `"id":`, Kind: wire.String},
		{Key: `"status":`, Kind: wire.Interned},
		{Key: `"amount":`, Kind: wire.Custom},
		{Key: `"metadata":`, Kind: wire.StringMap},
		{Key: `"correlationId":`, Kind: wire.String},
		{Key: `"_links":`, Kind: wire.Nested},
	}}
	benchItemLinksTable = wire.Table{Fields: []wire.Field{
		{Key: `"self":`, Kind: wire.Custom},
		{Key: `"mass-payment":`, Kind: wire.Custom},
		{Key: `"destination":`, Kind: wire.Custom},
		{Key: `"transfer":`, Kind: wire.Custom},
	}}
)

func (v *benchPage) WireTable() *wire.Table      { return &benchPageTable }
func (v *benchPageLinks) WireTable() *wire.Table { return &benchPageLinksTable }
func (v *benchEmbedded) WireTable() *wire.Table  { return &benchEmbeddedTable }
func (v *benchItem) WireTable() *wire.Table      { return &benchItemTable }
func (v *benchItemLinks) WireTable() *wire.Table { return &benchItemLinksTable }

func (v *benchPage) WirePlaces(p []any) []any {
	return append(p, &v.Links, &v.Embedded, &v.Total, &v.Extra)
}

func (v *benchPageLinks) WirePlaces(p []any) []any {
	return append(p, &v.Self, &v.First, &v.Last, &v.Next, &v.Extra)
}

func (v *benchEmbedded) WirePlaces(p []any) []any {
	return append(p, (*wire.List[benchItem])(&v.Items), &v.Extra)
}

func (v *benchItem) WirePlaces(p []any) []any {
	return append(p, &v.ID, &v.Status, &v.Amount, &v.Metadata, &v.CorrelationID, &v.Links, &v.Extra)
}

func (v *benchItemLinks) WirePlaces(p []any) []any {
	return append(p, &v.Self, &v.MassPayment, &v.Destination, &v.Transfer, &v.Extra)
}

func (v *benchLink) DecodeWire(d *wire.Decoder) {
	if !d.BeginObject() {
		return
	}
	var seen [1]uint64
	for d.NextMember() {
		switch string(d.Key()) {
		case "href":
			d.Once(&seen[0], 0)
			v.Href = d.String()
		case "type":
			d.Once(&seen[0], 1)
			v.Type = d.Interned()
		case "resource-type":
			d.Once(&seen[0], 2)
			v.ResourceType = d.Interned()
		default:
			d.Member(&v.Extra)
		}
	}
}

func (v *benchLink) EncodeWire(e *wire.Encoder) {
	start := e.Mark()
	e.BeginObject()
	e.Key(`"href":`)
	e.String(v.Href)
	e.Key(`"type":`)
	e.String(v.Type)
	e.Key(`"resource-type":`)
	e.String(v.ResourceType)
	e.Members(start, v.Extra)
	e.EndObject()
}

func (v *benchMoney) DecodeWire(d *wire.Decoder) {
	if !d.BeginObject() {
		return
	}
	var seen [1]uint64
	for d.NextMember() {
		switch string(d.Key()) {
		case "value":
			d.Once(&seen[0], 0)
			v.Value, _ = d.NumberOrString()
		case "currency":
			d.Once(&seen[0], 1)
			v.Currency = d.Interned()
		default:
			d.Member(&v.Extra)
		}
	}
}

func (v *benchMoney) EncodeWire(e *wire.Encoder) {
	start := e.Mark()
	e.BeginObject()
	e.Key(`"value":`)
	e.String(v.Value)
	e.Key(`"currency":`)
	e.String(v.Currency)
	e.Members(start, v.Extra)
	e.EndObject()
}

// benchPageOf returns a page of invented items.
func benchPageOf(items int) *benchPage {
	const origin = "https://api-sandbox.dwolla.com/"
	link := func(resource, id string) benchLink {
		return benchLink{Href: origin + resource + "s/" + id, Type: "application/vnd.dwolla.v1.hal+json", ResourceType: resource}
	}
	payment := "d1a5c0de-0000-4000-8000-00000000beef"
	list := "mass-payments/" + payment + "/items?limit=200&offset="
	page := &benchPage{Total: 25 * items}
	page.Links.Self.Href = origin + list + "200"
	page.Links.First.Href = origin + list + "0"
	page.Links.Next.Href = origin + list + "400"
	page.Links.Last.Href = origin + list + "4800"
	for i := range items {
		id := func(salt int) string { return fmt.Sprintf("%08x-%04x-4000-8000-%012x", i*7919+salt, salt, i*104729) }
		page.Embedded.Items = append(page.Embedded.Items, benchItem{
			ID:            id(1),
			Status:        []string{"success", "success", "pending", "failed"}[i%4],
			Amount:        benchMoney{Value: fmt.Sprintf("%d.%02d", 10+i, i%100), Currency: "USD"},
			Metadata:      map[string]string{"batch": "2026-11", "payee": fmt.Sprintf("payee %d", i)},
			CorrelationID: fmt.Sprintf("run-2026-11-20-%05d", i),
			Links: benchItemLinks{
				Self:        link("mass-payment-item", id(1)),
				MassPayment: link("mass-payment", payment),
				Destination: link("customer", id(2)),
				Transfer:    link("transfer", id(3)),
			},
		})
	}
	return page
}

func TestBenchmarkPageIsTheSameForBothCodecs(t *testing.T) {
	t.Parallel()
	want := benchPageOf(200)
	text, err := wire.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var std, own benchPage
	if err := json.Unmarshal(text, &std); err != nil || !reflect.DeepEqual(&std, want) {
		t.Errorf("encoding/json: got something else, %v", err)
	}
	if err := wire.Unmarshal(text, &own); err != nil || !reflect.DeepEqual(&own, want) {
		t.Errorf("wire: got something else, %v", err)
	}
}

func BenchmarkDecodePage(b *testing.B) {
	text, err := wire.Marshal(benchPageOf(200))
	if err != nil {
		b.Fatal(err)
	}
	decoders := []struct {
		name   string
		decode func(*benchPage) error
	}{
		{"wire", func(p *benchPage) error { return wire.Unmarshal(text, p) }},
		{"encoding-json", func(p *benchPage) error { return json.Unmarshal(text, p) }},
	}
	for _, decoder := range decoders {
		b.Run(decoder.name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				var page benchPage
				if err := decoder.decode(&page); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkEncodePage(b *testing.B) {
	page := benchPageOf(200)
	encoders := []struct {
		name   string
		encode func() ([]byte, error)
	}{
		{"wire", func() ([]byte, error) { return wire.Marshal(page) }},
		{"encoding-json", func() ([]byte, error) { return json.Marshal(page) }},
	}
	for _, encoder := range encoders {
		b.Run(encoder.name, func(b *testing.B) {
			text, err := encoder.encode()
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := encoder.encode(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
