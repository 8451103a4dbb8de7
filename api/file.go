package api

import "io"

// File is a document to upload.
type File struct {
	// Name is the file's name; its folder is not sent.
	Name string
	// ContentType is the media type, such as "image/png". Empty means: by the extension of Name.
	ContentType string
	// Content is read once, from where it stands to its end, before anything is sent.
	Content io.Reader
}
