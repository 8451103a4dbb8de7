package wire

import (
	"reflect"
	"sync"
)

// Embeds reports whether a value of the type may hold a struct that has its methods from a type of the codec that it
// embeds: that alone would be read and written, and the other fields of the struct would not. It looks at what fields,
// pointers, slices, arrays and maps hold, but cannot tell what is in an interface.
func Embeds(t reflect.Type) bool {
	if t == nil {
		return false
	}
	if found, ok := embedding.Load(t); ok {
		return found.(bool)
	}
	found := embeds(t, map[reflect.Type]bool{})
	embedding.Store(t, found)
	return found
}

// embedding keeps what Embeds has found, by type.
var embedding sync.Map

// embeds is Embeds for a type that is not one of seen: a type may hold itself.
func embeds(t reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return embeds(t.Elem(), seen)
	case reflect.Struct:
	default:
		return false
	}
	own := hasCodec(t)
	for field := range t.Fields() {
		if field.Anonymous && own {
			return true // a type of the codec has no embedded fields
		}
		encoded := (field.IsExported() || field.Anonymous) && field.Tag.Get("json") != "-"
		if encoded && !own && embeds(field.Type, seen) {
			return true
		}
	}
	return false
}

// hasCodec reports whether the codec knows the type, by methods of its own or of what it embeds.
func hasCodec(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return p.Implements(reflect.TypeFor[Model]()) || p.Implements(reflect.TypeFor[Marshaler]()) || p.Implements(reflect.TypeFor[Unmarshaler]())
}
