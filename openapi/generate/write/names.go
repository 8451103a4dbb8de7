package write

import (
	"fmt"
	"regexp"
	"strings"
	"text/tabwriter"

	"github.com/dwolla-go/dwolla-go/openapi/generate/model"
)

var sentenceEnd = regexp.MustCompile(`[.:;] [A-Z]`)

// summary is the first sentence of a text, on one line.
func summary(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if end := sentenceEnd.FindStringIndex(text); end != nil {
		text = text[:end[0]] + "."
	}
	return text
}

// show is a type as the users of package dwolla write it, which has names of its own for what package api declares.
func show(goType string) string {
	return strings.NewReplacer("api.", "", "call.Option", "CallOption").Replace(goType)
}

// Listing is what go doc shows for a name: the fields of a struct, the values of an enumeration or the methods of a
// service, indented as code.
func Listing(v any) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 1, 1, ' ', 0)
	switch v := v.(type) {
	case *model.Service:
		methods(&b, v)
	case *model.Type:
		switch {
		case len(v.Values) > 0:
			for _, value := range v.Values {
				fmt.Fprintf(w, "%s\t= %s\n", value.Name, value.Go)
			}
		case v.Form == model.Struct:
			fmt.Fprintf(w, "type %s struct {\n", v.Name)
			fields(w, v, "    ", true)
			fmt.Fprint(w, "}\n")
		}
	}
	w.Flush()
	return indented(b.String())
}

// indented makes text a code block of a comment.
func indented(text string) string {
	if text == "" {
		return ""
	}
	return "//\t" + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n//\t")
}

// fields lists the fields of a struct, and those of its links and embedded parts.
func fields(w *tabwriter.Writer, t *model.Type, indent string, nested bool) {
	for _, f := range t.Fields {
		if f.Constant != nil {
			continue
		}
		inner := f.Type.Struct()
		if nested && inner != nil && strings.HasPrefix(f.JSON, "_") {
			fmt.Fprintf(w, "%s%s struct { // %s\n", indent, f.Name, inner.Name)
			fields(w, inner, indent+"    ", false)
			fmt.Fprintf(w, "%s}\n", indent)
			continue
		}
		fmt.Fprintf(w, "%s%s\t%s", indent, f.Name, show(f.Type.Unaliased()))
		if text := summary(f.Description); text != "" {
			fmt.Fprintf(w, "\t// %s", text)
		}
		fmt.Fprintln(w)
	}
}

// methods lists the methods of a service.
func methods(b *strings.Builder, s *model.Service) {
	for _, op := range s.Operations {
		fmt.Fprintf(b, "// %s.\n%s(%s) %s\n", op.Summary, op.Name, show(op.Args()), show(op.Returns()))
		if op.All != "" {
			fmt.Fprintf(b, "// Every entry of %s, page by page.\n%s(%s) iter.Seq2[%s, error]\n", op.Name, op.All, show(op.Args()), show(op.Page.Item.Go))
		}
	}
}
