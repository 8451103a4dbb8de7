package write

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dwolla-go/dwolla-go/openapi/generate/model"
)

// docs makes doc comments in the form of Go: the first sentence begins with the name.
type docs struct{ strict bool }

func (d docs) of(v any) (string, error) {
	switch v := v.(type) {
	case *model.Type:
		text, err := d.typeText(v)
		return comment(text), err
	case *model.Service:
		return comment(serviceText(v)), nil
	case *model.Operation:
		return comment(operationText(v)), nil
	default:
		return "", fmt.Errorf("no doc comment for %T", v)
	}
}

// typeText is the doc comment of a type, without the slashes.
func (d docs) typeText(t *model.Type) (string, error) {
	text := t.Name + " has no description in the document."
	switch is, ok := sentence(t.Name, t.Description); {
	case t.Params && t.Of != nil:
		text = fmt.Sprintf("%s are the parameters of %s.%s.", t.Name, t.Of.Service.Type, t.Of.Name)
	case ok:
		text = is
	case t.Description != "" && d.strict:
		return "", fmt.Errorf("the description of %s does not say what it is, in the form of %q: %s", t.Schema, "A thing that …", t.Description)
	case t.Description != "":
		text = t.Name + ": " + t.Description
	}
	if t.Form == model.Union {
		text += "\n\nIt is one of [" + strings.Join(t.Members, "], [") + "]."
	}
	if t.Deprecated != "" {
		text += "\n\n" + t.Deprecated
	}
	return text, nil
}

// openings are the words with which a description says what something is.
var openings = []string{"A", "An", "The", "One", "What", "Who", "Whom", "How", "Where", "Whether", "Why", "Which", "Someone", "Something", "Either"}

// sentence makes a sentence about something of its description: "A transfer to create." becomes "CreateTransfer is a
// transfer to create."
func sentence(name, description string) (string, bool) {
	first, _, _ := strings.Cut(description, " ")
	if !slices.Contains(openings, first) {
		return "", false
	}
	return name + " is " + strings.ToLower(description[:1]) + description[1:], true
}

func serviceText(s *model.Service) string {
	text := fmt.Sprintf("%s is the group of operations at Client.%s", s.Type, s.Field)
	if s.Description == "" {
		return text + "."
	}
	return text + ": " + lowerFirst(s.Description)
}

func operationText(op *model.Operation) string {
	text := fmt.Sprintf("%s is %s %s", op.Name, op.Method, op.Path)
	if op.Summary != "" {
		text += ": " + lowerFirst(op.Summary)
	}
	text += "."
	if op.Description != "" {
		text += "\n\n" + op.Description
	}
	if op.Created != "" {
		text += "\n\nThe answer refers to what was created; its Get reads it."
	}
	return text
}

func lowerFirst(s string) string {
	if len(s) > 1 && strings.ToUpper(s[:2]) == s[:2] {
		return s // an initialism
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// comment turns text into a Go comment, wrapped. Lines that begin with a space or a dash keep their own.
func comment(text string) string {
	const width = 115
	if strings.TrimSpace(text) == "" {
		return ""
	}
	var lines []string
	for paragraph := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		if len(lines) > 0 {
			lines = append(lines, "//")
		}
		line := "//"
		flush := func() {
			if line != "//" {
				lines = append(lines, line)
			}
			line = "//"
		}
		for l := range strings.SplitSeq(paragraph, "\n") {
			if item := strings.TrimLeft(l, " "); strings.HasPrefix(item, "- ") {
				flush()
				line = "//   -"
				l = item[2:]
			} else if strings.HasPrefix(l, "\t") {
				flush()
				lines = append(lines, "//"+l)
				continue
			}
			for word := range strings.FieldsSeq(l) {
				if len(line)+1+len(word) > width && line != "//" {
					indent := "//"
					if strings.HasPrefix(line, "//   ") {
						indent = "//    "
					}
					lines = append(lines, line)
					line = indent
				}
				line += " " + word
			}
		}
		flush()
	}
	return strings.Join(lines, "\n")
}
