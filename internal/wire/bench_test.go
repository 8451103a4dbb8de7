package wire_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"

	"github.com/dwolla-go/dwolla-go/internal/wire"
)

// The types of a page of mass payment items, for both codecs: encoding/json reads the tags, wire calls the methods,
// which are as the generator writes them.
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

func (v *benchPage) DecodeWire(d *wire.Decoder) {
	if !d.BeginObject() {
		return
	}
	var seen [1]uint64
	for d.NextMember() {
		switch string(d.Key()) {
		case "_links":
			d.Once(&seen[0], 0)
			v.Links.DecodeWire(d)
		case "_embedded":
			d.Once(&seen[0], 1)
			v.Embedded.DecodeWire(d)
		case "total":
			d.Once(&seen[0], 2)
			v.Total = d.Int()
		default:
			d.Member(&v.Extra)
		}
	}
}

func (v *benchPage) EncodeWire(e *wire.Encoder) {
	start := e.Mark()
	e.BeginObject()
	e.Key(`"_links":`)
	v.Links.EncodeWire(e)
	e.Key(`"_embedded":`)
	v.Embedded.EncodeWire(e)
	e.Key(`"total":`)
	e.Int(v.Total)
	e.Members(start, v.Extra)
	e.EndObject()
}

func (v *benchPageLinks) DecodeWire(d *wire.Decoder) {
	if !d.BeginObject() {
		return
	}
	var seen [1]uint64
	for d.NextMember() {
		switch string(d.Key()) {
		case "self":
			d.Once(&seen[0], 0)
			v.Self.DecodeWire(d)
		case "first":
			d.Once(&seen[0], 1)
			v.First.DecodeWire(d)
		case "last":
			d.Once(&seen[0], 2)
			v.Last.DecodeWire(d)
		case "next":
			d.Once(&seen[0], 3)
			v.Next.DecodeWire(d)
		default:
			d.Member(&v.Extra)
		}
	}
}

func (v *benchPageLinks) EncodeWire(e *wire.Encoder) {
	start := e.Mark()
	e.BeginObject()
	v.Self.encodeAs(e, `"self":`)
	v.First.encodeAs(e, `"first":`)
	v.Last.encodeAs(e, `"last":`)
	v.Next.encodeAs(e, `"next":`)
	e.Members(start, v.Extra)
	e.EndObject()
}

func (v *benchEmbedded) DecodeWire(d *wire.Decoder) {
	if !d.BeginObject() {
		return
	}
	var seen [1]uint64
	for d.NextMember() {
		switch string(d.Key()) {
		case "items":
			d.Once(&seen[0], 0)
			if !d.BeginArray() {
				break
			}
			for d.NextElement() {
				v.Items = append(v.Items, benchItem{})
				v.Items[len(v.Items)-1].DecodeWire(d)
			}
		default:
			d.Member(&v.Extra)
		}
	}
}

func (v *benchEmbedded) EncodeWire(e *wire.Encoder) {
	start := e.Mark()
	e.BeginObject()
	e.Key(`"items":`)
	e.BeginArray()
	for i := range v.Items {
		e.Element()
		v.Items[i].EncodeWire(e)
	}
	e.EndArray()
	e.Members(start, v.Extra)
	e.EndObject()
}

func (v *benchItem) DecodeWire(d *wire.Decoder) {
	if !d.BeginObject() {
		return
	}
	var seen [1]uint64
	for d.NextMember() {
		switch string(d.Key()) {
		case "id":
			d.Once(&seen[0], 0)
			v.ID = d.String()
		case "status":
			d.Once(&seen[0], 1)
			v.Status = d.Interned()
		case "amount":
			d.Once(&seen[0], 2)
			v.Amount.DecodeWire(d)
		case "metadata":
			d.Once(&seen[0], 3)
			v.Metadata = d.StringMap()
		case "correlationId":
			d.Once(&seen[0], 4)
			v.CorrelationID = d.String()
		case "_links":
			d.Once(&seen[0], 5)
			v.Links.DecodeWire(d)
		default:
			d.Member(&v.Extra)
		}
	}
}

func (v *benchItem) EncodeWire(e *wire.Encoder) {
	start := e.Mark()
	e.BeginObject()
	e.Key(`"id":`)
	e.String(v.ID)
	e.Key(`"status":`)
	e.String(v.Status)
	e.Key(`"amount":`)
	v.Amount.EncodeWire(e)
	e.Key(`"metadata":`)
	e.StringMap(v.Metadata)
	e.Key(`"correlationId":`)
	e.String(v.CorrelationID)
	mark := e.Mark()
	e.Key(`"_links":`)
	v.Links.EncodeWire(e)
	e.DropEmpty(mark)
	e.Members(start, v.Extra)
	e.EndObject()
}

func (v *benchItemLinks) DecodeWire(d *wire.Decoder) {
	if !d.BeginObject() {
		return
	}
	var seen [1]uint64
	for d.NextMember() {
		switch string(d.Key()) {
		case "self":
			d.Once(&seen[0], 0)
			v.Self.DecodeWire(d)
		case "mass-payment":
			d.Once(&seen[0], 1)
			v.MassPayment.DecodeWire(d)
		case "destination":
			d.Once(&seen[0], 2)
			v.Destination.DecodeWire(d)
		case "transfer":
			d.Once(&seen[0], 3)
			v.Transfer.DecodeWire(d)
		default:
			d.Member(&v.Extra)
		}
	}
}

func (v *benchItemLinks) EncodeWire(e *wire.Encoder) {
	start := e.Mark()
	e.BeginObject()
	v.Self.encodeAs(e, `"self":`)
	v.MassPayment.encodeAs(e, `"mass-payment":`)
	v.Destination.encodeAs(e, `"destination":`)
	v.Transfer.encodeAs(e, `"transfer":`)
	e.Members(start, v.Extra)
	e.EndObject()
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

func (v *benchLink) encodeAs(e *wire.Encoder, key string) {
	e.Key(key)
	v.EncodeWire(e)
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
