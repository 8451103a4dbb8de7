package wire

// A Model is a pointer to a generated struct. Its one method is all that the codec needs of it, so that a model costs
// its importers little to compile: Wire(0) is the *Table of the model, Wire(1) and so on are the places of its fields
// in the order of the table, each as the Kind of the field says, and the one after them that of its unknown members,
// a *Members.
type Model interface{ Wire(i int) any }

// A Table describes a model. The compiler lays tables out as data.
type Table struct {
	Fields []Field
	Direct bool // the model is a Direct
}

// Direct is a model that is written so often that it does so itself, member by member as its table would.
type Direct interface{ WriteWire(e *Encoder) }

// A Field is a member of a model that the contract names.
type Field struct {
	Key      string // the name as the encoder writes it: quoted and followed by a colon; it needs no escapes
	Kind     Kind
	Elem     Kind   // of what an Array or a Pointer leads to
	Required bool   // a flag or a number that is written even when it is zero, which is a value like any other
	Const    string // the JSON text of a Const
}

// MaxFields is how many fields a table can have.
const MaxFields = 256

// A Kind says what a place holds and how that travels.
type Kind uint8

// The kinds, each with the type of its place.
const (
	String  Kind = iota // *string
	Name                // *string, of a small vocabulary
	Bool                // *bool
	Int                 // *int
	Int64               // *int64
	Number              // *json.Number
	Raw                 // *json.RawMessage
	Strings             // *map[string]string
	Nested              // Model
	Custom              // a pointer that is a Marshaler and an Unmarshaler
	Array               // Elements
	Enum                // Texts
	Pointer             // Optional
	Const               // none: the member always has the same value and is no field of the struct
	Other               // any other pointer: encoding/json reads and writes it
)

// Elements are the elements of an array.
type Elements interface {
	Len() int
	At(i int) any     // the place of an element
	Add(room int) any // appends an element and returns its place; room is how many are expected in all
	Clear()           // makes the array one without elements, which is not nil
}

// Texts are the elements of an array of strings.
type Texts interface {
	Len() int
	Text(i int) string
	AddText(text string)
	Clear() // as of Elements
}

// Words are the Texts of a slice.
type Words[T ~string] []T

// Len implements Texts.
func (w *Words[T]) Len() int { return len(*w) }

// Text implements Texts.
func (w *Words[T]) Text(i int) string { return string((*w)[i]) }

// AddText implements Texts.
func (w *Words[T]) AddText(text string) { *w = append(*w, T(text)) }

// Clear implements Texts.
func (w *Words[T]) Clear() { *w = Words[T]{} }

// Optional is a value that may be absent.
type Optional interface {
	Get() any // the place of the value, nil where there is none
	New() any // makes a zero value and returns its place
}

// To is the Optional of a pointer.
type To[T any] struct{ Place **T }

// Get implements Optional.
func (t To[T]) Get() any {
	if *t.Place == nil {
		return nil
	}
	return *t.Place
}

// New implements Optional.
func (t To[T]) New() any {
	*t.Place = new(T)
	return *t.Place
}
