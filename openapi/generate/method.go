package main

import (
	"fmt"
	"strings"
)

// WirePath is the path template as it is sent.
func (m *method) WirePath() string {
	path, _, _ := strings.Cut(m.Op.Path, "#")
	return path
}

// Comment is the doc comment of the method.
func (m *method) Comment() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s is %s %s", m.Name, m.Op.Method, m.WirePath())
	if m.Summary != "" {
		fmt.Fprintf(&b, ": %s", lowerFirst(m.Summary))
	}
	b.WriteString(".")
	if m.Description != "" {
		b.WriteString("\n\n" + m.Description)
	}
	if m.Created != "" {
		b.WriteString("\n\nThe answer refers to what was created; its Get reads it.")
	}
	return comment(b.String())
}

// Comment is the doc comment of the service.
func (s *service) Comment() string {
	return fmt.Sprintf("%s is the group of operations at Client.%s. %s", s.Type, s.Field, s.Doc)
}

// Args are the parameters of the method.
func (m *method) Args() string {
	args := []string{"ctx context.Context"}
	for _, id := range m.IDs {
		args = append(args, id+" string")
	}
	if m.Params != "" {
		args = append(args, "params "+m.Params)
	}
	if m.Body != "" && !m.Constant {
		pointer := ""
		if m.BodyPointer {
			pointer = "*"
		}
		args = append(args, "body "+pointer+m.Body)
	}
	return strings.Join(append(args, "opts ...call.Option"), ", ")
}

// Returns is the result list of the method.
func (m *method) Returns() string {
	switch {
	case m.Created != "":
		return "(*api.Ref[" + m.Created + "], error)"
	case m.Result != "":
		return "(*" + m.Result + ", error)"
	default:
		return "error"
	}
}

// Request is the Go expression of the call.
func (m *method) Request() string {
	fields := []string{"Op: &" + m.Var}
	if len(m.IDs) > 0 {
		fields = append(fields, "IDs: call.IDs{"+strings.Join(m.IDs, ", ")+"}")
	}
	if m.Params != "" {
		fields = append(fields, "Query: params")
	}
	switch m.BodyKind {
	case "json":
		switch {
		case m.Constant:
			fields = append(fields, "Body: &"+m.Body+"{}")
		case m.BodyPointer:
			fields = append(fields, "Body: call.Optional(body)")
		case m.BodyUnion:
			fields = append(fields, "Body: body")
		default:
			fields = append(fields, "Body: &body")
		}
	case "form", "multipart":
		var parts []string
		for _, p := range m.Parts {
			member := "Value"
			if p.File {
				member = "File"
			}
			parts = append(parts, fmt.Sprintf("{Name: %q, %s: %s}", p.Name, member, p.Value))
		}
		kind := map[string]string{"form": "Form", "multipart": "Multipart"}[m.BodyKind]
		fields = append(fields, kind+": []call.Part{"+strings.Join(parts, ", ")+"}")
	}
	return "&call.Request{" + strings.Join(append(fields, "Options: opts"), ", ") + "}"
}

func lowerFirst(s string) string {
	if len(s) > 1 && strings.ToUpper(s[:2]) == s[:2] {
		return s // an initialism
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// comment turns text into a Go comment, wrapped.
func comment(text string) string {
	const width = 115
	var lines []string
	for paragraph := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		if len(lines) > 0 {
			lines = append(lines, "//")
		}
		line := "//"
		for word := range strings.FieldsSeq(paragraph) {
			if len(line)+1+len(word) > width && line != "//" {
				lines = append(lines, line)
				line = "//"
			}
			line += " " + word
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}
