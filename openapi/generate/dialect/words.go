package dialect

import "strings"

// IsJSON reports whether a media type is JSON.
func IsJSON(media string) bool { return strings.Contains(media, "json") }

// IsForm reports whether a media type is a form.
func IsForm(media string) bool {
	return strings.HasPrefix(media, "multipart/") || strings.HasSuffix(media, "form-urlencoded")
}

// Singular is the name of one of many.
func Singular(s string) string {
	switch {
	case strings.HasSuffix(s, "ies"):
		return strings.TrimSuffix(s, "ies") + "y"
	case strings.HasSuffix(s, "ss"), strings.HasSuffix(s, "-deposits"):
		return s
	default:
		return strings.TrimSuffix(s, "s")
	}
}
