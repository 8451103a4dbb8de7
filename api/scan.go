package api

import (
	"database/sql/driver"
	"fmt"
)

// scanText is the Scan method of a type that a column keeps as text: set takes
// the text, which is empty for NULL.
func scanText(src any, set func(text []byte) error) error {
	switch src := src.(type) {
	case nil:
		return set(nil)
	case string:
		return set([]byte(src))
	case []byte:
		return set(src)
	default:
		return fmt.Errorf("dwolla: a column of type %T is not text", src)
	}
}

// textValue is the Value method of such a type: NULL for empty text.
func textValue(text string) driver.Value {
	if text == "" {
		return nil
	}
	return text
}
