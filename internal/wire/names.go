package wire

// maxName is the length up to which a string is worth sharing, in bytes.
const maxName = 64

// names remembers the strings that were seen last, one for each hash: its size is fixed, whatever a document holds.
type names [64]string

// intern returns text as a string, the one that it returned before if that is still remembered.
func (d *Decoder) intern(text []byte) string {
	if len(text) == 0 || len(text) > maxName {
		return string(text)
	}
	if d.names == nil {
		d.names = new(names)
	}
	// Words of a vocabulary differ in their length or in one of these letters; a clash costs an allocation.
	hash := uint(len(text)) + 3*uint(text[0]) + 7*uint(text[len(text)/2]) + 13*uint(text[len(text)-1])
	known := &d.names[hash%uint(len(d.names))]
	if *known != string(text) {
		*known = string(text)
	}
	return *known
}
