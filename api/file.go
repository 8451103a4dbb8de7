package api

import (
	"fmt"
	"io"
	"log/slog"
)

// File is a document to upload.
type File struct {
	// Name is the file's name; its folder is not sent.
	Name string
	// ContentType is the media type, such as "image/png". Empty means: by the extension of Name.
	ContentType string
	// Content is read once, from its current position to its end, before anything is sent.
	Content io.Reader
}

// Format hides the document and its name, which often is a person's, whatever the verb.
func (File) Format(s fmt.State, _ rune) { write(s, "dwolla.File") }

// LogValue hides the document and its name.
func (File) LogValue() slog.Value { return slog.StringValue("dwolla.File") }

// write writes the text of a Format method.
func write(s fmt.State, text string) { _, _ = io.WriteString(s, text) } // fmt writes to memory
